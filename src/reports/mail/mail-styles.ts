import { Html } from './html-text.ts'

const FONT = 'font-family:system-ui,-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif'
const CELL = `${FONT};font-size:14px;line-height:20px;color:#1f2933;padding:6px 8px;border-bottom:1px solid #e3e7ee;vertical-align:top`
const HEADING = `${FONT};font-size:12px;line-height:16px;font-weight:600;color:#55606e;padding:6px 8px;border-bottom:1px solid #e3e7ee;text-align:left`
const FAINT = `${FONT};font-size:13px;line-height:18px;color:#55606e;margin:0 0 8px`

/** Styles of elements, for light mode. */
export const STYLES = {
  page: 'margin:0;padding:0;background-color:#f3f5f8',
  outer: 'border-collapse:collapse;background-color:#f3f5f8',
  margin: 'padding:16px',
  card: 'border-collapse:collapse;background-color:#ffffff;max-width:720px;margin:0 auto;border:1px solid #e3e7ee',
  inside: 'padding:20px',
  note: `${FONT};font-size:14px;line-height:20px;color:#5b4300;background-color:#fff3cd;padding:8px 12px;margin:0 0 16px`,
  h1: `${FONT};font-size:22px;line-height:28px;font-weight:600;color:#1f2933;margin:0 0 8px`,
  h2: `${FONT};font-size:16px;line-height:22px;font-weight:600;color:#1f2933;margin:24px 0 8px`,
  text: `${FONT};font-size:14px;line-height:20px;color:#1f2933;margin:0 0 8px`,
  faint: FAINT,
  footer: `${FAINT};max-width:720px;margin:12px auto 0;text-align:center`,
  link: 'color:#1a56b0',
  table: 'border-collapse:collapse',
  heading: HEADING,
  numberHeading: HEADING.replace('text-align:left', 'text-align:right'),
  cell: `${CELL};word-break:break-word;overflow-wrap:anywhere`,
  barCell: `${CELL};vertical-align:middle`,
  numberCell: `${CELL};text-align:right;white-space:nowrap`,
  bar: 'background-color:#2f6fd0;font-size:1px;line-height:12px;height:12px',
  number: 'padding:0 24px 8px 0;vertical-align:top',
  bigNumber: `${FONT};font-size:30px;line-height:38px;font-weight:600;color:#1f2933`,
  smallNumber: `${FONT};font-size:18px;line-height:24px;font-weight:600;color:#1f2933`,
  small: `${FONT};font-size:13px;line-height:18px;color:#55606e`,
} as const

const DARK_RULES = [
  ['.page', 'background-color:#12161c'],
  ['.card', 'background-color:#1b212a;border-color:#343d4a'],
  ['.text', 'color:#e8ecf1'],
  ['.faint', 'color:#a9b4c2'],
  ['.note', 'color:#ffe8a3;background-color:#46390f'],
  ['.line', 'border-color:#343d4a'],
  ['.link', 'color:#8ab8ff'],
  ['.bar', 'background-color:#5b95ee'],
] as const

/** Colours of dark mode, which replace those of the elements. The second form is for Outlook, which marks the page by an attribute. */
export const DARK_STYLES = new Html(
  `:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){${DARK_RULES.map(([name, rule]) => `${name}{${important(rule)}}`).join('')}}
${DARK_RULES.map(([name, rule]) => `[data-ogsc] ${name}{${important(rule)}}`).join('')}`,
)

function important(rule: string): string {
  return rule
    .split(';')
    .map((each) => `${each} !important`)
    .join(';')
}

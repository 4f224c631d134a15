import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'

const web = new URL('../../../src/web/', import.meta.url)
const tokens = readFileSync(new URL('styles/tokens.css', web), 'utf8')
const [light, dark] = tokens.split('prefers-color-scheme: dark') as [string, string]
const lightColours = coloursOf(light)
const SCHEMES = { light: lightColours, dark: new Map([...lightColours, ...coloursOf(dark)]) }

/** WCAG 2.2, level AA: 4.5 for texts, 3 for graphics and the borders of fields. */
const TEXTS_ON_SURFACES: Readonly<Record<string, readonly string[]>> = {
  text: ['page', 'surface', 'surface-raised', 'line-soft', 'accent-soft', 'good-soft', 'warning-soft'],
  'text-muted': ['page', 'surface', 'surface-raised', 'line-soft', 'accent-soft'],
  accent: ['page', 'surface', 'surface-raised', 'accent-soft'],
  good: ['page', 'surface', 'surface-raised', 'good-soft'],
  bad: ['page', 'surface', 'surface-raised'],
  warning: ['page', 'surface', 'surface-raised', 'warning-soft'],
  'on-accent': ['accent'],
}
const SURFACES_OF_GRAPHICS = ['page', 'surface', 'surface-raised']

for (const [scheme, colours] of Object.entries(SCHEMES)) {
  test(`texts have a contrast of 4.5 in the ${scheme} scheme`, () => {
    const pairs = Object.entries(TEXTS_ON_SURFACES).flatMap(([text, surfaces]) =>
      surfaces.map((surface) => [text, surface] as const),
    )
    expect(pairsBelow(4.5, pairs, colours)).toEqual([])
  })

  test(`lines of charts and borders of fields have a contrast of 3 in the ${scheme} scheme`, () => {
    const graphics = [...colours.keys()].filter((name) => name.startsWith('series-') || name === 'line-strong')
    expect(graphics.length).toBeGreaterThan(7)
    const pairs = graphics.flatMap((name) => SURFACES_OF_GRAPHICS.map((surface) => [name, surface] as const))
    expect(pairsBelow(3, pairs, colours)).toEqual([])
  })
}

test('the bars of the browser have the colour of the surface', () => {
  const html = readFileSync(new URL('index.html', web), 'utf8')
  const themes = [...html.matchAll(/name="theme-color" content="(#\w+)"/g)].map(([, colour]) => colour)
  expect(themes).toEqual([SCHEMES.light.get('surface'), SCHEMES.dark.get('surface')])
})

function coloursOf(css: string): Map<string, string> {
  return new Map([...css.matchAll(/--([\w-]+): (#[\da-f]{6});/g)].map(([, name, colour]) => [name!, colour!]))
}

/** The pairs whose contrast is lower, with their contrast. */
function pairsBelow(
  least: number,
  pairs: readonly (readonly [string, string])[],
  colours: ReadonlyMap<string, string>,
): string[] {
  return pairs.flatMap(([front, back]) => {
    const ratio = contrast(colours.get(front)!, colours.get(back)!)
    return ratio < least ? [`${front} on ${back}: ${ratio.toFixed(2)}`] : []
  })
}

function contrast(a: string, b: string): number {
  const [lighter, darker] = [luminance(a), luminance(b)].toSorted((x, y) => y - x) as [number, number]
  return (lighter + 0.05) / (darker + 0.05)
}

/** The relative luminance of WCAG. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((start) => {
    const channel = Number.parseInt(colour.slice(start, start + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

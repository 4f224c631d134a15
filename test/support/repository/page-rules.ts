import type { SourceFile } from './architecture-rules.ts'

/** All APIs by which a browser interprets a text as markup or code. */
const MARKUP =
  /\b(dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML|setHTMLUnsafe|parseHTMLUnsafe|createContextualFragment|parseFromString|srcdoc|document\s*\.\s*write(?:ln)?|DOMParser|new\s+Function)\b|\beval\s*\(|\bjavascript:/

/** The page shows texts of other parties, which must never be interpreted as markup or code. */
export function checkMarkup(file: SourceFile): string[] {
  if (!file.path.startsWith('src/web/')) return []
  const code = file.text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ' ')
  const found = MARKUP.exec(code)?.[0]
  return found === undefined
    ? []
    : [`${file.path} says ${found}: texts of events could become markup. Write texts as children of elements.`]
}

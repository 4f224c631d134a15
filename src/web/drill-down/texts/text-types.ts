import type { ENGLISH } from './en.ts'

type WithTexts<Part> = Part extends string
  ? string
  : Part extends (...values: infer Values) => string
    ? (...values: Values) => string
    : { readonly [Key in keyof Part]: WithTexts<Part[Key]> }
/** Texts, and functions that insert values into texts. */
export type Texts = WithTexts<typeof ENGLISH>

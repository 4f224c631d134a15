import type { ENGLISH } from './en.ts'

/** Texts, and functions that insert values into texts. */
export type Messages = WithTexts<typeof ENGLISH>
export type WithTexts<Part> = Part extends string
  ? string
  : Part extends (...values: infer Values) => string
    ? (...values: Values) => string
    : { readonly [Key in keyof Part]: WithTexts<Part[Key]> }

/** The texts of a second language: any part may be missing. */
export type PartialMessages = PartialTexts<Messages>
type PartialTexts<Part> = Part extends string | ((...values: never[]) => string)
  ? Part
  : { readonly [Key in keyof Part]?: PartialTexts<Part[Key]> }

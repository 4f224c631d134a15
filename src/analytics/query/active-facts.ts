/**
 * Which version of the stored facts of messages answers are read from. Each version is calculated by the rules of classes that were configured when it was started; while a
 * newer one is being built, answers are read from the old one.
 */
export interface ActiveFacts {
  /** `rules` of the rows to read; undefined while the facts are being built for the first time: answers with engagement are not possible then. */
  readonly rulesNumber: number | undefined
  /** The part of the version that is being built that is done, from 0 to 1; 1 while none is being built. */
  readonly progress: number
  /** The version of the rules that the rows to read were calculated by, as in `meta` of an answer. */
  readonly rulesVersion: number
  /** Why it is not known which rows to read; undefined where it is. */
  readonly failure?: Error | undefined
}

import { describe, expect, test } from 'bun:test'
import { expectRecorded } from './recorded.ts'
import { literalsOf, withoutComments } from './source-calls.ts'
import { sourceTexts } from './sources.ts'

const SENTENCE = /^(?=.*\p{L} +\p{L}+ +\p{L})/su
const SQL =
  /\b(?:SELECT|FROM|WHERE|GROUP BY|ORDER BY|ALTER|CREATE|INSERT|DROP|SETTINGS|AND|OR|AS|IN|BETWEEN|IS NOT NULL|JOIN|PARTITION|UInt\d+|max_\w+)\b/

/** The texts of a module that people read: errors, usage of the commands, descriptions, log lines, the page. They have at least three words. */
function textsOf(module: string): string[] {
  return literalsOf(module).filter((text) => SENTENCE.test(text) && !SQL.test(text))
}

test('texts of the source that people read are as recorded', async () => {
  const texts = new Set((await sourceTexts()).flatMap(textsOf))
  await expectRecorded('texts', [...texts].toSorted())
})

describe('texts are read', () => {
  test.each([
    [`throw new Failure('It is ' +\n  'too late.')`, ['It is too late.']],
    ['fail(`${name} has ${one ? `a value here` : "no value here"}.`)', ['a value here', 'no value here']],
    [`/it's a (pattern)/.test('one two three')`, ['one two three']],
    [`x = a / b; say("it's a text")`, ["it's a text"]],
    [`query('SELECT one FROM two WHERE three')`, []],
    ['`to ${names.map((name) => `${name}//`).join(" or ")}, in the end` // no text of it', ['to …, in the end']],
    [`'two words' /* it's a comment */`, []],
  ])('%s', (module, texts) => expect(textsOf(withoutComments(module))).toEqual(texts))
})

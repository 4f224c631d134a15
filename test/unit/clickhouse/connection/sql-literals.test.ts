import { describe, expect, test } from 'bun:test'
import {
  inlineParameters,
  type QueryParameters,
  quoteIdentifier,
} from '../../../../src/clickhouse/connection/sql-literals.ts'

describe('inlining of parameters', () => {
  test.each<[string, QueryParameters, string]>([
    ['{a:String}', { a: `it's \\ \0` }, `'it\\'s \\\\ \\0'`],
    ['{a:Int64}, {a:Int64}', { a: -5 }, '-5, -5'],
    ['{a:Array(String)}', { a: [`'`, 'b'] }, `CAST(['\\'','b'] AS Array(String))`],
    ['{a:Array(UUID)}', { a: [] }, 'CAST([] AS Array(UUID))'],
    ['{a:Array(Int64)}', { a: [1, 2] }, 'CAST([1,2] AS Array(Int64))'],
    ['{a:UUID}', { a: 'x' }, `CAST('x' AS UUID)`],
    ['{a:Identifier}.t', { a: 'db_1' }, '`db_1`.t'],
    ['{a:String}', { a: '{b:String}', b: 'no' }, `'{b:String}'`],
    ['{a:String}', { a: `$& $1 $'` }, `'$& $1 $\\''`],
    ['no {} place { a : String }', {}, 'no {} place { a : String }'],
  ])('turns %j with %j into %j', (sql, parameters, expected) => {
    expect(inlineParameters(sql, parameters)).toBe(expected)
  })

  test.each<[string, string, QueryParameters]>([
    ['a missing value', '{a:String}', {}],
    ['an inherited value', '{toString:String}', {}],
    ['a text for a number', '{a:Int64}', { a: '1; DROP TABLE x' }],
    ['a fraction for an integer', '{a:Int64}', { a: 1.5 }],
    ['an unsafe integer', '{a:Int64}', { a: 2 ** 53 }],
    ['not a number', '{a:UInt32}', { a: NaN }],
    ['a list for a text', '{a:String}', { a: ['x'] }],
    ['a text for a list', '{a:Array(String)}', { a: 'x' }],
    ['a text in a list of integers', '{a:Array(Int64)}', { a: ['1'] }],
    ['an invalid identifier', '{a:Identifier}', { a: 'a`b' }],
  ])('rejects %s', (_, sql, parameters) => {
    expect(() => inlineParameters(sql, parameters)).toThrow()
  })
})

test.each(['', '1a', 'a b', 'a`', 'a.b', 'ä'])('%j is rejected as an identifier', (name) => {
  expect(() => quoteIdentifier(name)).toThrow()
})

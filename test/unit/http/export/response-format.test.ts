import { describe, expect, test } from 'bun:test'
import { negotiateFormat } from '../../../../src/http/export/response-format.ts'

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

describe('the format of an answer', () => {
  test.each([
    ['no header', null, 'json'],
    ['an empty header', '', 'json'],
    ['anything', '*/*', 'json'],
    ['CSV', 'text/csv', 'csv'],
    ['CSV in another spelling', 'Text/CSV; charset=utf-8; header=present', 'csv'],
    ['a workbook', XLSX, 'xlsx'],
    ['JSON', 'application/json', 'json'],
    ['CSV rather than JSON', 'application/json;q=0.5, text/csv', 'csv'],
    ['JSON rather than CSV', 'text/csv;q=0.5, application/json;q=0.9', 'json'],
    ['a workbook before both', `text/csv;q=0.8, */*;q=0.1, ${XLSX};q=0.9`, 'xlsx'],
    ['two the same, the first of them', 'text/csv, application/json', 'csv'],
    ['two the same, the other way round', 'application/json, text/csv', 'json'],
    ['one by name and the rest by a star', 'text/csv, */*', 'csv'],
    ['any text', 'text/*', 'csv'],
    ['any application', 'application/*', 'json'],
    ['anything but JSON', 'application/json;q=0, */*', 'csv'],
    ['anything but text', 'text/*;q=0, */*;q=0.5', 'json'],
    ['CSV never, by its name', 'text/csv;q=0, text/*', 'json'],
    ['what we do not have', 'image/png', 'json'],
    ['nothing at all', '*/*;q=0', 'json'],
    ['what a browser sends', 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8', 'json'],
    ['what common clients send', 'application/json, text/plain, */*', 'json'],
    ['nonsense', 'csv, ;;, text/csv;q=2, text/csv;q=x, q=1', 'json'],
    ['nonsense beside sense', 'csv;;, text/csv;q=0.001', 'csv'],
  ] as const)('by a header that asks for %s', (_, accept, format) => {
    expect(negotiateFormat(undefined, accept)).toBe(format)
  })

  test('is that of the parameter, whatever the value of the header', () => {
    expect(negotiateFormat('json', 'text/csv')).toBe('json')
    expect(negotiateFormat('csv', 'application/json')).toBe('csv')
    expect(negotiateFormat('xlsx', null)).toBe('xlsx')
  })
})

import { expect, test } from 'bun:test'
import { mayHaveDevelopmentToken } from '../../../src/http/development-session.ts'

const headers = (host: string) =>
  new Headers({ host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin', 'x-dashboard-session': '1' })

test.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])('%s is this machine', (address) => {
  for (const host of ['localhost:3000', '127.0.0.1:3000', '[::1]:3000', 'LOCALHOST'])
    expect([host, mayHaveDevelopmentToken(headers(host), address)]).toEqual([host, true])
})

test.each(['unknown', '', '192.168.1.5', '10.0.0.1', '::ffff:10.0.0.1', '2001:db8::1', '127.0.0.1.evil', '::11'])(
  '%p is another, whatever the headers say',
  (address) => expect(mayHaveDevelopmentToken(headers('localhost:3000'), address)).toBe(false),
)

test.each(['evil.example', 'localhost.evil.example', 'localhost:3000.evil', '127.0.0.1@evil', '', 'notlocalhost'])(
  'the host %p is no name of this machine',
  (host) => expect(mayHaveDevelopmentToken(headers(host), '127.0.0.1')).toBe(false),
)

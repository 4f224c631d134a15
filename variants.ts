import { connectEmbeddedStore } from './src/clickhouse/connection/embedded-store.ts'
const store = await connectEmbeddedStore({ path: process.argv[2]!, database: 'analytics', readerCount: 1 })
const q = (s: string) => store.admin.query<any>(s.includes('SETTINGS max_threads') ? s + ', output_format_json_quote_64bit_integers=0' : s + ' SETTINGS output_format_json_quote_64bit_integers=0')
const [{ c }] = await q(`SELECT create_table_query AS c FROM system.tables WHERE database='analytics' AND name='analytics_message_facts'`)
async function variant(name: string, edit: (s: string) => string) {
  await store.admin.command(`DROP TABLE IF EXISTS analytics.${name}`)
  await store.admin.command(edit(c.replace('analytics.analytics_message_facts', `analytics.${name}`)))
  const t0 = process.cpuUsage(); const t = performance.now()
  await store.admin.command(`INSERT INTO analytics.${name} SELECT * FROM analytics.analytics_message_facts`)
  const insert = performance.now() - t; const u0 = process.cpuUsage(t0); const cpu = Math.round((u0.user + u0.system) / 1000)
  await store.admin.command(`OPTIMIZE TABLE analytics.${name} FINAL`)
  const [r] = await q(`SELECT sum(rows) AS rows, sum(bytes_on_disk) AS bytes FROM system.parts WHERE database='analytics' AND active AND table='${name}'`)
  const p = await q(`SELECT name, sum(bytes_on_disk) AS bytes FROM system.projection_parts WHERE database='analytics' AND active AND table='${name}' GROUP BY name ORDER BY name`)
  console.log(name.padEnd(16), (r.bytes / r.rows).toFixed(1), 'B/message', Math.round(insert), 'ms', cpu, 'cpu ms', p.map((x: any) => `${x.name} ${(x.bytes / r.rows).toFixed(1)}`).join(', '))
}
const codec = (s: string, col: string, type: string, cd: string) => { const a = '`' + col + '` ' + type; if (!s.includes(a)) throw new Error(a); return s.replace(a, `${a} CODEC(${cd})`) }
const NULLABLE = ['contact_id','source_id','campaign_id','workflow_id','sequence_id','template_id','recipient_domain']
const all = (cd: string) => (s: string) => {
  for (const x of NULLABLE) s = codec(s, x, 'Nullable(String)', cd)
  for (const [x, t] of [['tenant_id','String'],['rules','UInt32'],['message_id','String'],['state','UInt32'],['opens','UInt32'],['clicks','UInt32'],['unknown_events','UInt32'],['open_delay','Int64'],['click_delay','Int64'],['events','String'],['channel','LowCardinality(String)'],['source_type','LowCardinality(String)'],['sign','Int8']]) s = codec(s, x!, t!, cd)
  return s
}
const times = (cd: string) => (s: string) => { s = codec(s,'sent_at','DateTime64(3)',`Delta, ${cd}`); s = codec(s,'last_event_at','DateTime64(3)',`Delta, ${cd}`); return codec(s,'message_hash','UInt64','NONE') }
const dflt = (cd: string) => (s: string) => s.replace('index_granularity = 1024', `index_granularity = 1024, default_compression_codec = '${cd}'`)
const LZ = [...NULLABLE.map((x) => [x, 'Nullable(String)']), ['state','UInt32'],['opens','UInt32'],['clicks','UInt32'],['unknown_events','UInt32'],['open_delay','Int64'],['click_delay','Int64'],['events','String']]
const mid = (s: string) => { s = dflt('ZSTD(1)')(s); for (const [x, t] of LZ) s = codec(s, x!, t!, 'LZ4'); s = codec(s,'sent_at','DateTime64(3)','Delta, ZSTD(1)'); s = codec(s,'last_event_at','DateTime64(3)','Delta, LZ4'); return codec(s,'message_hash','UInt64','NONE') }
const mid2 = (s: string) => { s = dflt('ZSTD(1)')(s); s = codec(s,'events','String','LZ4'); s = codec(s,'sent_at','DateTime64(3)','Delta, ZSTD(1)'); s = codec(s,'last_event_at','DateTime64(3)','Delta, LZ4'); return codec(s,'message_hash','UInt64','NONE') }
for (let i = 0; i < 2; i++) for (const [n, e] of [['mid', mid], ['mid2', mid2], ['same', (s: string) => s], ['dflt_delta', (s: string) => times('ZSTD(1)')(dflt('ZSTD(1)')(s))]] as const) {
  await variant(n, e)
  const read = async (sql: string) => { const t = process.cpuUsage(); for (let k = 0; k < 10; k++) await q(sql + ' SETTINGS max_threads = 1').catch(() => q(sql)); const u = process.cpuUsage(t); return ((u.user + u.system) / 10_000).toFixed(1) }
  const rows = await q(`SELECT message_hash AS h, sent_at AS at, message_id AS id FROM analytics.${n} ORDER BY cityHash64(message_id) LIMIT 1000`)
  console.log('   30 days', await read(`SELECT channel, sum(sign * bitTest(state, 8)) FROM analytics.${n} WHERE tenant_id = 'tenant-1' AND rules = 1 AND toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC') >= now() - INTERVAL 30 DAY GROUP BY channel`), 'ms; places', await read(`SELECT message_hash, sent_at FROM analytics.${n} WHERE message_hash IN (${rows.map((r: any) => r.h).join(',')}) GROUP BY 1, 2 HAVING sum(sign) > 0`), 'ms; rows of 1000 messages', await read(`SELECT tenant_id, any(events) FROM analytics.${n} WHERE tenant_id = 'tenant-1' AND sent_at IN (${rows.map((r: any) => `'${r.at}'`).join(',')}) AND message_id IN (${rows.map((r: any) => `'${r.id}'`).join(',')}) GROUP BY tenant_id, message_id`), 'ms')
}
const [{ f }] = await q('SELECT 1 AS f')
process.exit(0)

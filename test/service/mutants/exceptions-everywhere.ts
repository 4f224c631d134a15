/**
 * Throws an exception in every place that runs during a request, besides it or by a timer, for requests with a tenant or an address of that name. `UNGUARDED` names the
 * guards that are removed.
 */
import { replaceText } from '../../faults/mutants/replace-text.ts'

const thrown = (name: string) => `throw new TypeError('planted ${name}')`
const plant = (module: string, before: string, name: string, condition = 'true') =>
  replaceText(module, before, `if (${condition}) ${thrown(name)}\n${before}`)

plant(
  'src/http/pipeline/request-context.ts',
  'const url = internalUrlOf(request)',
  'arrival',
  "request.url.includes('planted-arrival')",
)
plant(
  'src/http/pipeline/request-bounds.ts',
  'if (targetOf(request).length',
  'bounds',
  "request.url.includes('planted-bounds')",
)
plant(
  'src/http/limits/tenant-limits.ts',
  "if (this.#policyHeader === '') return {}",
  'refuse',
  "tenantId === 'planted-refuse'",
)
plant('src/http/limits/request-pacer.ts', 'if (--load.activeCount === 0)', 'pace', "tenantId === 'planted-pace'")
plant(
  'src/http/dashboards/serve-dashboard.ts',
  'const zone = requireTimeZone(query.timezone)',
  'route',
  "tenantId === 'planted-route'",
)
plant(
  'src/http/audit/request-audit-trail.ts',
  'const isUnauthorized = request.status',
  'record',
  "request.tenantId === 'planted-record'",
)
plant(
  'src/cli/store/key-request.ts',
  "if (command.action === 'list') return",
  'command',
  "'tenantId' in command && command.tenantId === 'planted-command'",
)
// The last second of the century: a stream has no tenant here, but it has the expiry of its token.
plant(
  'src/live/live-client.ts',
  'const message = this.#isClosed',
  'stream',
  'this.#options.expiresAt === 4102444799000',
)
replaceText(
  'src/assembly/scheduled-jobs.ts',
  'reportUnbalanced(ingestion.reconcile(), logger)',
  `reportUnbalanced(ingestion.reconcile(), logger)\nif (!globalThis.plantedJob) { globalThis.plantedJob = true; ${thrown('job')} }`,
)
replaceText(
  'src/service.ts',
  'this.#starting ??= this.#start()',
  `this.#platform.clock.after(50, () => { ${thrown('timer')} })\nthis.#starting ??= this.#start()`,
)

const unguarded = process.env['UNGUARDED'] ?? ''
if (unguarded.includes('record'))
  replaceText(
    'src/http/pipeline/request-pipeline.ts',
    'recordRequest(context, status)\n    } catch (error) {',
    'recordRequest(context, status)\n    } catch (error) {\nthrow error',
  )
if (unguarded.includes('stream'))
  replaceText('src/http/live/stream-encoding.ts', '} catch (error) {', '} catch (error) {\nthrow error')

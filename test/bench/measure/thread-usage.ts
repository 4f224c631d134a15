import { readdirSync, readFileSync } from 'node:fs'

/** Kernel clock ticks per second, the unit of processor time in /proc. */
const TICKS_PER_SECOND = 100
const SAMPLE_MS = 250

/** The names of threads by their work, so that figures of different versions can be compared. Threads of other names are reported by their own. */
const GROUPS: readonly (readonly [group: string, name: RegExp])[] = [
  ['compiler (JIT)', /^JITWorker|^DFG|^FTL/],
  ['garbage collector', /^HeapHelper|^JSCWarmUp|^Heap |^GC/],
  ['allocator (mimalloc scavenger)', /^mi-/],
  ['native thread pool (statements)', /^Bun Pool|^libuv|^tokio|^node/],
  ['engine: merges and background', /^Merge|^MrgMut|^Mutat|^Bg/],
  ['engine: pool (inserts, queries)', /^ThreadPool|^Query|^Pipeline|^Pushing|^Parsing|^GlobalPool|^Formatter/],
]

interface Sample {
  readonly name: string
  readonly ticks: number
}

/**
 * Samples the threads of a process until stopped; returns the processor seconds of each group of threads since the start of the process, largest first. The time of a thread counts for the
 * name that it has at the sample, because threads of a pool are renamed by their work. What a thread uses after its last sample is missing.
 */
export function watchThreads(pid: number): () => Record<string, number> {
  const ticksOf = new Map<string, number>()
  let last = new Map<string, Sample>()
  const add = () => {
    const now = sample(pid)
    for (const [thread, { name, ticks }] of now) {
      const group = thread === String(pid) ? 'main thread' : groupOf(name)
      ticksOf.set(group, (ticksOf.get(group) ?? 0) + ticks - (last.get(thread)?.ticks ?? 0))
    }
    last = now
  }
  add()
  const timer = setInterval(add, SAMPLE_MS)
  return () => {
    clearInterval(timer)
    add()
    return Object.fromEntries(
      [...ticksOf]
        .filter(([, ticks]) => ticks > 0)
        .toSorted(([, a], [, b]) => b - a)
        .map(([group, ticks]) => [group, ticks / TICKS_PER_SECOND]),
    )
  }
}

function groupOf(name: string): string {
  return GROUPS.find(([, pattern]) => pattern.test(name))?.[0] ?? name
}

function sample(pid: number): Map<string, Sample> {
  const samples = new Map<string, Sample>()
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    let stat: string
    try {
      stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')
    } catch {
      // The thread has ended since its folder was listed.
      continue
    }
    // The name, in parentheses, may contain spaces and parentheses.
    const end = stat.lastIndexOf(')')
    const fields = stat.slice(end + 2).split(' ')
    samples.set(thread, {
      name: stat.slice(stat.indexOf('(') + 1, end),
      ticks: Number(fields[11]) + Number(fields[12]),
    })
  }
  return samples
}

import { readFileSync } from 'node:fs'

/** Kernel clock ticks a second, as /proc counts processor time. */
const TICKS_PER_SECOND = 100

/** Processor seconds a process has used, on all its threads. */
export function cpuSeconds(pid: number): number {
  return secondsOf(`/proc/${pid}/stat`)
}

/** Processor seconds of its first thread alone, which in a runtime is the one that runs JavaScript. */
export function mainThreadSeconds(pid: number): number {
  return secondsOf(`/proc/${pid}/task/${pid}/stat`)
}

function secondsOf(file: string): number {
  const stat = readFileSync(file, 'utf8')
  // The program's name, in parentheses, may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** Memory a process has resident, in MiB. */
export function residentMiB(pid: number): number {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024)
}

/** Samples the resident memory until stopped; gives the largest. */
export function watchResident(pid: number, everyMs = 100): () => number {
  let largest = 0
  const timer = setInterval(() => {
    largest = Math.max(largest, residentMiB(pid))
  }, everyMs)
  return () => {
    clearInterval(timer)
    return largest
  }
}

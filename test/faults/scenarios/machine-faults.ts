/** What befalls the machine: a full disk, a death at the very moment of a system call. These need root, and strace from the system's packages. */
import type { Scenario } from '../scenario.ts'

/** How many system calls the service dies at, one after the other. */
const CRASH_POINTS = 24
/** A commit's own: what makes a part appear under its name. */
const RENAMES = 'rename,renameat,renameat2'
const WRITES = 'write,pwrite64,writev'

export const MACHINE_FAULTS: readonly Scenario[] = [
  {
    name: 'crash-points',
    guarantee: 'killed at chosen renames and writes, those of a commit among them: every event once',
    store: 'embedded',
    control: 'without-lookup',
    rate: 400,
    async run(context, seconds) {
      for (let point = 0; point < CRASH_POINTS; point++) {
        await context.service.kill()
        // The tracer counts for each thread by itself, and the engine has many.
        const [calls, last] = point % 2 === 0 ? [RENAMES, 6] : [WRITES, 300]
        const number = 1 + context.chance.below(last)
        await context.service.start([
          ...['strace', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${calls}`],
          ...['-e', `inject=${calls}:signal=SIGKILL:when=${number}`],
        ])
        const hasDied = await context.service.ended((2 * seconds * 1_000) / CRASH_POINTS + 3_000)
        context.note(hasDied ? `killed at a ${calls.split(',')[0]}` : 'system call not reached')
      }
      await context.service.kill()
    },
  },
  {
    name: 'disk-full-store',
    guarantee: 'the disk under the embedded store full: tried again until there is room, every event once',
    store: 'embedded',
    control: 'without-lookup',
    rate: 1_000,
    serviceDiskMb: 300,
    async run(context, seconds) {
      for (let time = 0; time < 2; time++) {
        await Bun.sleep(3_000)
        context.serviceDisk!.fill()
        context.note('disk of the store full')
        await Bun.sleep((seconds * 1_000) / 2)
        context.serviceDisk!.free()
      }
      await Bun.sleep(3_000)
      await context.service.kill()
      context.note('service killed')
    },
  },
  {
    name: 'disk-full-broker',
    guarantee: 'the disk under the broker full: producers get errors, nothing acknowledged is lost',
    store: 'embedded',
    control: 'without-lookup',
    rate: 1_000,
    // Each of the service's streams reserves at least 16 MiB.
    brokerDiskMb: 128,
    async run(context, seconds) {
      await Bun.sleep(3_000)
      context.brokerDisk!.fill()
      context.note('disk of the broker full')
      await Bun.sleep(seconds * 1_000)
      context.brokerDisk!.free()
      // A server that could not write keeps its streams closed until it is started again.
      await context.broker.restart()
      context.note('broker restarted')
      await Bun.sleep(2_000)
      await context.service.kill()
      context.note('service killed')
      await context.service.start()
    },
  },
]

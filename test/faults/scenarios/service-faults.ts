/** What befalls the service itself. */
import type { Scenario } from '../scenario.ts'

const KILLS = 12

export const SERVICE_FAULTS: readonly Scenario[] = [
  {
    name: 'service-killed',
    guarantee: 'killed twelve times under load, it stores every event once',
    store: 'embedded',
    control: 'without-lookup',
    rate: 4_000,
    async run(world, seconds) {
      for (let kill = 0; kill < KILLS; kill++) {
        // A service that is killed before it is at work has nothing to lose.
        await world.service.ready()
        await Bun.sleep((seconds * 1_000 * (0.5 + world.chance.next())) / KILLS)
        await world.service.kill()
        world.note('service killed')
        await world.service.start()
      }
    },
  },
  {
    name: 'service-killed-server',
    guarantee: 'killed twelve times under load before a server, it stores every event once',
    store: 'server',
    control: 'without-lookup',
    rate: 3_000,
    async run(world, seconds) {
      for (let kill = 0; kill < KILLS; kill++) {
        // A service that is killed before it is at work has nothing to lose.
        await world.service.ready()
        await Bun.sleep((seconds * 1_000 * (0.5 + world.chance.next())) / KILLS)
        await world.service.kill()
        world.note('service killed')
        await world.service.start()
      }
    },
  },
  {
    name: 'service-stopped',
    guarantee: 'stopped by signal under load, once and by two signals, it ends well and stores every event once',
    store: 'embedded',
    control: 'early-acknowledgement',
    rate: 4_000,
    async run(world, seconds) {
      for (let stop = 0; stop < 6; stop++) {
        await world.service.ready()
        await Bun.sleep((seconds * 1_000) / 6)
        if (stop % 2 === 1) world.service.signal('SIGTERM')
        await world.service.stop()
        world.note('service stopped')
        await world.service.start()
      }
      // The control needs an end in the middle of work, that leaves something over.
      await world.service.ready()
      await Bun.sleep(700)
      await world.service.kill()
      world.note('service killed')
    },
  },
  {
    name: 'service-paused',
    guarantee: 'paused for longer than the broker’s patience for a heartbeat, it goes on',
    store: 'embedded',
    control: 'without-lookup',
    rate: 2_000,
    async run(world, seconds) {
      await Bun.sleep(1_000)
      world.service.signal('SIGSTOP')
      world.note('service paused')
      await Bun.sleep(seconds * 1_000)
      world.service.signal('SIGCONT')
      await Bun.sleep(2_000)
      await world.service.kill()
      world.note('service killed')
    },
  },
]

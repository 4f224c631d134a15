import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { quietly, say, stop } from './quietly.mjs'

/** Finds a program on PATH or in the folders where Debian keeps servers, which an ordinary user's PATH does not contain. */
export function findProgram(...names) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin']
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isExecutable)
}

export function findChromium() {
  return (
    process.env.CHROMIUM_PATH || findProgram('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable')
  )
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** The programs that tests start, by the names of their packages. nginx is the package with TLS and the proxy module and no others. */
const testPrograms = {
  chromium: findChromium,
  openssl: () => findProgram('openssl'),
  nginx: () => findProgram('nginx'),
}
/** Packages that start a server at boot; this project starts its own. */
const bootServices = ['nats-server', 'nginx']

/** Installs missing programs with apt: nats-server when `wantsBroker`; Chromium, openssl and nginx when `wantsTestPrograms`. */
export function installPrograms({ wantsBroker, wantsTestPrograms }) {
  const finders = {
    ...(wantsBroker ? { 'nats-server': () => findProgram('nats-server') } : {}),
    ...(wantsTestPrograms ? testPrograms : {}),
  }
  const missing = () => Object.keys(finders).filter((name) => !finders[name]())
  const wanted = missing()
  if (wanted.length === 0) return
  const names = wanted.join(' and ')
  const byHand = `Install it by hand: sudo apt-get install ${wanted.join(' ')}`
  const apt = findProgram('apt-get')
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  if (!apt)
    stop(`${names} is required, and this machine has no apt. Install it with the machine's own package manager.`)
  if (asRoot.length > 0 && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status !== 0) {
    stop(`${names} is required, and its installation requires root. ${byHand}`)
  }
  say(`Installing ${names} with apt (about a minute) …`)
  const aptGet = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', apt, '-qq', '-o', 'DPkg::Lock::Timeout=300']
  const run = (line, options) => quietly(line[0], line.slice(1), options)
  // A failed update is not fatal: the installation may succeed with old package lists.
  run([...aptGet, 'update'])
  run([...aptGet, 'install', '-y', '--no-install-recommends', ...wanted], {
    otherwise: `apt failed (see above). ${byHand}`,
  })
  const services = bootServices.filter((name) => wanted.includes(name))
  if (services.length > 0 && existsSync('/run/systemd/system')) {
    run([...asRoot, 'systemctl', 'disable', '--now', ...services.map((name) => `${name}.service`)])
  }
  if (missing().length > 0) stop(`${missing().join(' and ')} cannot be found after its installation. ${byHand}`)
}

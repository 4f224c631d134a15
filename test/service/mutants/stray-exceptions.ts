/** On SIGUSR2, throws uncaught exceptions: in a timer, a listener and a promise. `UNGUARDED` removes the handlers of the process. */
import process from 'node:process'

const on = process.on.bind(process)
if ((process.env['UNGUARDED'] ?? '').includes('process'))
  process.on = ((event: string, listener: () => void) =>
    ['uncaughtException', 'unhandledRejection'].includes(event) ? process : on(event, listener)) as typeof process.on

on('SIGUSR2', () => {
  setTimeout(() => {
    throw new TypeError('planted timer of its own')
  }, 0)
  const target = new EventTarget()
  target.addEventListener('planted', () => {
    throw new TypeError('planted listener')
  })
  setTimeout(() => target.dispatchEvent(new Event('planted')), 20)
  setTimeout(() => void Promise.reject(new TypeError('planted rejection')), 40)
})

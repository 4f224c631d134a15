/** Text of the given number of bytes that hardly compresses: printable ASCII that JSON does not escape, the same in every run. */
export function denseText(bytes: number): string {
  const letters = Array.from({ length: 95 }, (_, at) => String.fromCodePoint(32 + at)).filter(
    (letter) => letter !== '"' && letter !== '\\',
  )
  let state = 1
  return Array.from({ length: bytes }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return letters[Math.floor((state / 2 ** 32) * letters.length)]
  }).join('')
}

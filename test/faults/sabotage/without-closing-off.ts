/** Nobody keeps a member that was taken for dead from writing on. */
import { replaceText } from './replace-text.ts'

replaceText('src/shift.ts', 'store.fences?.closeOff(this.#writerOf(member))', 'undefined')

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** The suffix of a file that is being written. */
export const TEMPORARY_SUFFIX = '.new'

export interface ReplaceFileOptions {
  /** Readable and writable by the owner only, by default. */
  readonly mode?: number
  /** Whether several processes may replace the file at the same time. */
  readonly hasSeveralWriters?: boolean
}

/**
 * Replaces a file as a whole: a reader finds the old content or the new one, after a crash and on a full disk too. Throws, with the old content in place, when the new
 * one cannot be written.
 */
export function replaceFile(
  file: string,
  content: string | Uint8Array,
  { mode = 0o600, hasSeveralWriters = false }: ReplaceFileOptions = {},
): void {
  const temporaryFile = `${file}${hasSeveralWriters ? `.${crypto.randomUUID()}` : ''}${TEMPORARY_SUFFIX}`
  // The file of an interrupted write may have another mode.
  rmSync(temporaryFile, { force: true })
  try {
    const descriptor = openSync(temporaryFile, 'wx', mode)
    try {
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
      for (let at = 0; at < bytes.byteLength;) at += writeSync(descriptor, bytes, at)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(temporaryFile, file)
  } catch (error) {
    rmSync(temporaryFile, { force: true })
    throw error
  }
  syncDirectory(dirname(file))
}

/** Makes the new name durable. Where a directory cannot be synced, the system decides when that happens. */
function syncDirectory(directory: string): void {
  try {
    const descriptor = openSync(directory, 'r')
    try {
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } catch {
    // The file itself is complete.
  }
}

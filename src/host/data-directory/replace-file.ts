import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Writes a file as a whole, readable by its owner only: whoever reads it, after whatever crash or on a disk that is full, finds the old content or the new one. For files that one
 * process writes at a time. Throws, with the old content in place, when the new one cannot be written.
 */
export function replaceFile(file: string, content: string): void {
  const temporaryFile = `${file}.new`
  // One that is left over may have another mode.
  rmSync(temporaryFile, { force: true })
  try {
    const descriptor = openSync(temporaryFile, 'wx', 0o600)
    try {
      const bytes = new TextEncoder().encode(content)
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

/** The name is in the directory. Where a directory cannot be synced, the system decides when it is. */
function syncDirectory(directory: string): void {
  try {
    const descriptor = openSync(directory, 'r')
    try {
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } catch {
    // The file is there and whole all the same.
  }
}

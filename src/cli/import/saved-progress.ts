import { createHash } from 'node:crypto'
import { closeSync, openSync, readFileSync, readSync, rmSync, statSync } from 'node:fs'
import { replaceFile } from '../../host/data-directory/replace-file.ts'
import type { ImportProgress } from './import-lines.ts'

const FINGERPRINT_BYTES = 65_536

/** The progress of an import, kept in a file beside the imported one, so that an interrupted import can continue. */
export interface SavedProgress {
  /** The progress of the previous imports of the same file. */
  readonly saved: ImportProgress
  save(progress: ImportProgress): void
  delete(): void
}

/** Starts from the beginning when the file has changed since. */
export function openSavedProgress(file: string): SavedProgress {
  const progressFile = `${file}.progress`
  const fingerprint = fingerprintOf(file)
  return {
    saved: readProgress(progressFile, fingerprint) ?? { lines: 0, published: 0, rejected: 0 },
    save: (progress) => replaceFile(progressFile, JSON.stringify({ fingerprint, ...progress })),
    delete: () => rmSync(progressFile, { force: true }),
  }
}

function readProgress(progressFile: string, fingerprint: string): ImportProgress | undefined {
  try {
    const saved = JSON.parse(readFileSync(progressFile, 'utf8')) as ImportProgress & { readonly fingerprint: string }
    return saved.fingerprint === fingerprint && Number.isSafeInteger(saved.lines) ? saved : undefined
  } catch {
    return undefined
  }
}

/** The size and a hash of the first bytes: it differs for another file of the same name. */
function fingerprintOf(file: string): string {
  const bytes = new Uint8Array(FINGERPRINT_BYTES)
  const descriptor = openSync(file, 'r')
  try {
    const length = readSync(descriptor, bytes)
    return `${statSync(file).size}:${createHash('sha256').update(bytes.subarray(0, length)).digest('hex')}`
  } finally {
    closeSync(descriptor)
  }
}

import type { DerivedFile } from '../../../src/clickhouse/connection/store-connection.ts'

/** A file in memory. */
export class MemoryFile implements DerivedFile {
  bytes: Uint8Array | undefined

  open() {
    const { bytes } = this
    if (bytes === undefined) return undefined
    let at = 0
    return {
      fill(target: Uint8Array) {
        if (bytes.length - at < target.length) throw new Error('The file ends too early.')
        target.set(bytes.subarray(at, (at += target.length)))
      },
      close: () => {},
    }
  }

  async replace(chunks: AsyncIterable<Uint8Array>) {
    const copies: Uint8Array[] = []
    for await (const chunk of chunks) copies.push(chunk.slice())
    this.bytes = new Uint8Array(Buffer.concat(copies))
  }
}

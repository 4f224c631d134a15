/** The non-empty lines of a stream, in order. The stream holds whole lines per chunk. Ends when the stream ends or fails. */
export async function* readLiveLines(reader: ReadableStreamDefaultReader<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  for (;;) {
    const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }))
    if (done || value === undefined) return
    for (const line of decoder.decode(value).split('\n')) if (line !== '') yield line
  }
}

import { importsOf, resolve, type SourceFile } from './architecture-rules.ts'

/** For each module with a rule: its folders, and the folders of the same module that each may import. '' stands for the files outside any folder. */
const FOLDERS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  nats: {
    '': [],
    'old-servers': [''],
    consumer: ['', 'old-servers'],
    'dead-letters': [''],
    definitions: [''],
    deferred: ['', 'old-servers', 'consumer'],
    deliveries: [''],
    alerts: ['', 'deliveries'],
    partitions: ['', 'consumer'],
    limits: ['', 'old-servers', 'dead-letters', 'definitions', 'deferred', 'deliveries', 'alerts', 'partitions'],
    server: ['', 'old-servers'],
  },
  clickhouse: {
    connection: [],
    read: ['connection'],
    schema: ['connection'],
    filter: ['connection'],
    // The facts are part of what the event store writes, and are encoded like its other blocks.
    facts: ['connection', 'filter', 'write'],
    write: ['connection', 'facts', 'filter'],
    access: ['connection', 'facts', 'schema', 'write'],
  },
}

/** One sentence per import from a folder of the same module that the importing folder must not use. */
export function checkFolders(file: SourceFile): string[] {
  const [top, module = '', ...path] = file.path.split('/')
  const folders = FOLDERS[module]
  if (top !== 'src' || folders === undefined) return []
  const from = path.slice(0, -1)[0] ?? ''
  const allowed = folders[from]
  if (allowed === undefined) return [`${file.path}: the folder ${from} is missing in FOLDERS. Add it with its imports.`]
  return importsOf(file).flatMap(({ target }) => {
    const imported = target.startsWith('.') ? resolve(file.path, target) : ''
    if (!imported.startsWith(`src/${module}/`)) return []
    const to = imported.split('/').slice(2, -1)[0] ?? ''
    if (to === from || allowed.includes(to)) return []
    const names = allowed.map((folder) => folder || 'files in no folder').join(', ') || 'none'
    return [
      `${file.path} imports ${imported}: of src/${module} it may use ${names}. ` +
        `Move what both need into src/${module}, or let the assembly bring the two together.`,
    ]
  })
}

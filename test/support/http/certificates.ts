import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Paths of PEM files. */
export interface Certificate {
  readonly certFile: string
  readonly keyFile: string
}

/** Certificate authorities for a test, and certificates that they sign. */
export class Certificates {
  readonly dir = mkdtempSync(join(tmpdir(), 'outreach-certificates-'))

  makeAuthority(name: string): Certificate {
    const made = this.#files(name)
    openssl(
      'req',
      '-x509',
      ...NEW_KEY,
      '-days',
      '2',
      '-keyout',
      made.keyFile,
      '-out',
      made.certFile,
      '-subj',
      `/CN=${name}`,
    )
    return made
  }

  /** `names` in the form of a certificate: `DNS:localhost,IP:127.0.0.1`. */
  sign(authority: Certificate, name: string, names: string): Certificate {
    const made = this.#files(name)
    const [request, extensions] = [join(this.dir, `${name}.csr`), join(this.dir, `${name}.ext`)]
    writeFileSync(extensions, `subjectAltName=${names}\n`)
    openssl('req', ...NEW_KEY, '-keyout', made.keyFile, '-out', request, '-subj', `/CN=${name}`)
    const signed = ['-in', request, '-CA', authority.certFile, '-CAkey', authority.keyFile, '-CAcreateserial']
    openssl('x509', '-req', ...signed, '-days', '2', '-extfile', extensions, '-out', made.certFile)
    return made
  }

  forget(): void {
    rmSync(this.dir, { recursive: true, force: true })
  }

  #files(name: string): Certificate {
    return { certFile: join(this.dir, `${name}.pem`), keyFile: join(this.dir, `${name}.key`) }
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

function openssl(...args: readonly string[]): void {
  const { error, status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' })
  if (error) throw new Error('The tests need openssl on PATH: apt-get install openssl.', { cause: error })
  if (status !== 0) throw new Error(`openssl ${args[0]} failed: ${stderr}`)
}

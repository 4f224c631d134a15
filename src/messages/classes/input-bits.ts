/** The bits of `ClassInputs.bits`. The lowest three hold a ProviderFlag. */
export const InputBit = {
  providerFlag: 7,
  head: 1 << 3,
  scannerAgent: 1 << 4,
  botAgent: 1 << 5,
  bareMozilla: 1 << 6,
  gmailPrefetch: 1 << 7,
  imageProxy: 1 << 8,
  honeypot: 1 << 9,
  /** A user agent or an IP is present. */
  evidence: 1 << 10,
  /** The IP belongs to a network of the tenant's rules. */
  scannerNetwork: 1 << 11,
} as const

/** The settings of the runtime with which `npm start` and the container start the service. Deno ignores them. */
export const RUNTIME_SETTINGS = { MIMALLOC_PURGE_DELAY: '2000', BUN_JSC_useWarmUpMarkedBlocks: '0' }

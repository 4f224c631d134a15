/** Parts of the page that have no role or text of their own. */
export const SELECTORS = {
  layout: '.frame',
  signInForm: '.gate',
  sentNumber: '.tile:first-child .number',
  isLive: '.live:has-text("Live")',
}

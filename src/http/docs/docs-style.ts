/** What the docs page adds to the styles of Swagger UI: the frame around it in both themes, visible focus, small screens, paper. */
export const DOCS_STYLE = `:root {
  color-scheme: light dark;
  --docs-page: #fff;
  --docs-ink: #3b4151;
  --docs-link: #2a5bb5;
  --docs-focus: #1a5fd0;
  --docs-good: #1a7550;
  --docs-bad: #b3261e;
}

@media screen and (prefers-color-scheme: dark) {
  :root {
    --docs-page: #1c2022;
    --docs-ink: #e4e6e6;
    --docs-link: #8ab8ff;
    --docs-focus: #8ab8ff;
    --docs-good: #7fd6ac;
    --docs-bad: #ff958b;
  }
}

html,
html.dark-mode {
  background: var(--docs-page);
}

body {
  margin: 0;
}

nav {
  max-width: 1460px;
  margin: 0 auto;
  padding: 16px 20px 0;
  color: var(--docs-ink);
  font: 14px/1.5 sans-serif;
}

nav a {
  color: var(--docs-link);
}

:focus-visible,
.swagger-ui :focus-visible,
html.dark-mode .swagger-ui :focus-visible {
  outline: 3px solid var(--docs-focus) !important;
  outline-offset: 2px;
}

/* The colours of Swagger UI that have too little contrast. Its numbers have their colour inline. */
.swagger-ui .info .title small,
.swagger-ui .download-contents {
  background: #5c6370;
}

.swagger-ui .info .title small.version-stamp {
  background: #4d6b02;
}

html:not(.dark-mode) .swagger-ui .opblock-get .opblock-summary-method,
html:not(.dark-mode) .swagger-ui .btn.execute {
  background: #1f6fc4 !important;
  border-color: #1f6fc4;
}

html:not(.dark-mode) .swagger-ui .opblock-post .opblock-summary-method {
  background: #1d7f55 !important;
}

html:not(.dark-mode) .swagger-ui .opblock-put .opblock-summary-method {
  background: #985a00 !important;
}

html:not(.dark-mode) .swagger-ui .opblock-delete .opblock-summary-method {
  background: #b3261e !important;
}

.swagger-ui .info a,
.swagger-ui .info .url {
  color: var(--docs-link) !important;
}

.swagger-ui .parameter__in {
  color: var(--docs-ink) !important;
}

html.dark-mode .swagger-ui .header-col {
  color: var(--docs-ink);
}

.swagger-ui .btn.cancel,
html.dark-mode .swagger-ui .btn.cancel {
  border-color: currentColor;
  color: var(--docs-bad);
}

.swagger-ui .btn.authorize,
html.dark-mode .swagger-ui .btn.authorize {
  border-color: currentColor;
  color: var(--docs-good);
}

.swagger-ui .btn.authorize svg,
html.dark-mode .swagger-ui .btn.authorize svg {
  fill: currentColor !important;
}

.swagger-ui .microlight span[style*='rgb(211, 99, 99)'] {
  color: #ff9a9a !important;
}

@media (prefers-reduced-motion: reduce) {
  * {
    animation: none !important;
    transition: none !important;
  }
}

@media (max-width: 640px) {
  nav {
    padding: 12px 12px 0;
  }

  .swagger-ui .wrapper {
    padding: 0 12px;
  }

  /* No response has links. */
  .swagger-ui .response-col_links {
    display: none;
  }
}

@media print {
  nav,
  .swagger-ui .scheme-container,
  .swagger-ui .authorization__btn,
  .swagger-ui .opblock-control-arrow,
  .swagger-ui .expand-operation,
  .swagger-ui .try-out,
  .swagger-ui .execute-wrapper,
  .swagger-ui .btn-group {
    display: none;
  }

  .swagger-ui .opblock,
  .swagger-ui .model-container {
    break-inside: avoid;
  }
}
`

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
}

/**
 * A text of a workbook as XML. What looks like an escape of the format (`_x0041_`) has its first character escaped, control characters that XML cannot hold are
 * escaped (ECMA-376, 22.9.2.19), and carriage returns written as such would be read as line feeds. Of the two characters that neither can hold, nothing is left but
 * a sign that one was there.
 */
export function xmlText(text: string): string {
  return (
    text
      .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
      // oxlint-disable-next-line no-control-regex -- They are what is escaped.
      .replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F]/g, (character) => {
        const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
        return `_x${code}_`
      })
      .replace(/[\uFFFE\uFFFF]/g, '\uFFFD')
      .replace(/[&<>"\r]/g, (character) => ENTITIES[character]!)
  )
}

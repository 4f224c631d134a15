const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
}

/**
 * A text of a workbook as XML. These are escaped (ECMA-376, 22.9.2.19): the first character of a text that looks like an escape (`_x0041_`), control characters that XML
 * cannot contain, and carriage returns, which readers would turn into line feeds. Each of the two characters that cannot be escaped either becomes a replacement character.
 */
export function xmlText(text: string): string {
  return (
    text
      .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
      // oxlint-disable-next-line no-control-regex -- They are the characters to escape.
      .replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F]/g, (character) => {
        const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
        return `_x${code}_`
      })
      .replace(/[\uFFFE\uFFFF]/g, '\uFFFD')
      .replace(/[&<>"\r]/g, (character) => ENTITIES[character]!)
  )
}

/** The parts of a workbook that contain no rows. */
import { xmlText } from './xml-text.ts'

const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const PACKAGE_NAMESPACE = 'http://schemas.openxmlformats.org/package/2006'
const RELATIONSHIPS_NAMESPACE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const SPREADSHEET_NAMESPACE = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const SHEET_TYPES = 'application/vnd.openxmlformats-officedocument.spreadsheetml'

/** The cell styles, by their position in `xl/styles.xml`. */
export const STYLES = { heading: 1, percentage: 2, day: 3, hour: 4, instant: 5 } as const

const FIRST_CUSTOM_FORMAT = 164
const NUMBER_FORMATS = {
  // The number is that of the API, 0 to 100. A format with an unescaped percent sign would multiply it by 100.
  percentage: '0.00"%"',
  day: 'yyyy-mm-dd',
  hour: 'yyyy-mm-dd hh:mm',
  // With milliseconds, because otherwise the last instant of a day would be shown as the next day.
  instant: 'yyyy-mm-dd hh:mm:ss.000',
}

/** The parts of a workbook with sheets of these names, by path, without the sheets and their texts. */
export function workbookParts(sheetNames: readonly string[], modified: Date): Record<string, string> {
  const override = (path: string, type: string) => `<Override PartName="/${path}" ContentType="${type}"/>`
  const overrides = [
    override('xl/workbook.xml', `${SHEET_TYPES}.sheet.main+xml`),
    ...sheetNames.map((_, index) => override(`xl/worksheets/sheet${index + 1}.xml`, `${SHEET_TYPES}.worksheet+xml`)),
    override('xl/styles.xml', `${SHEET_TYPES}.styles+xml`),
    override('xl/sharedStrings.xml', `${SHEET_TYPES}.sharedStrings+xml`),
    override('docProps/core.xml', 'application/vnd.openxmlformats-package.core-properties+xml'),
  ]
  const sheets = sheetNames.map(
    (name, index) => `<sheet name="${xmlText(name)}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`,
  )
  const targets = [
    ...sheetNames.map((_, index) => ['worksheet', `worksheets/sheet${index + 1}.xml`] as const),
    ['styles', 'styles.xml'] as const,
    ['sharedStrings', 'sharedStrings.xml'] as const,
  ]
  const relationships = targets.map(
    ([type, target], index) =>
      `<Relationship Id="rId${index + 1}" Type="${RELATIONSHIPS_NAMESPACE}/${type}" Target="${target}"/>`,
  )
  return {
    '[Content_Types].xml': `${XML_DECLARATION}<Types xmlns="${PACKAGE_NAMESPACE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${overrides.join('')}</Types>`,
    '_rels/.rels': `${XML_DECLARATION}<Relationships xmlns="${PACKAGE_NAMESPACE}/relationships"><Relationship Id="rId1" Type="${RELATIONSHIPS_NAMESPACE}/officeDocument" Target="xl/workbook.xml"/><Relationship Id="rId2" Type="${PACKAGE_NAMESPACE}/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`,
    'xl/workbook.xml': `${XML_DECLARATION}<workbook xmlns="${SPREADSHEET_NAMESPACE}" xmlns:r="${RELATIONSHIPS_NAMESPACE}"><sheets>${sheets.join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${XML_DECLARATION}<Relationships xmlns="${PACKAGE_NAMESPACE}/relationships">${relationships.join('')}</Relationships>`,
    'xl/styles.xml': stylesXml(),
    'docProps/core.xml': corePropertiesXml(modified),
  }
}

function stylesXml(): string {
  const formats = Object.values(NUMBER_FORMATS).map(
    (code, index) => `<numFmt numFmtId="${FIRST_CUSTOM_FORMAT + index}" formatCode="${xmlText(code)}"/>`,
  )
  const xf = (attributes: string) => `<xf ${attributes} borderId="0" fillId="0" xfId="0"/>`
  const numbered = formats.map((_, index) =>
    xf(`numFmtId="${FIRST_CUSTOM_FORMAT + index}" fontId="0" applyNumberFormat="1"`),
  )
  const styles = [xf('numFmtId="0" fontId="0"'), xf('numFmtId="0" fontId="1" applyFont="1"'), ...numbered]
  return `${XML_DECLARATION}<styleSheet xmlns="${SPREADSHEET_NAMESPACE}"><numFmts count="${formats.length}">${formats.join('')}</numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="${styles.length}">${styles.join('')}</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`
}

function corePropertiesXml(modified: Date): string {
  const at = modified.toISOString().replace(/\.\d{3}Z$/, 'Z')
  const stamp = (name: string) => `<dcterms:${name} xsi:type="dcterms:W3CDTF">${at}</dcterms:${name}>`
  return `${XML_DECLARATION}<cp:coreProperties xmlns:cp="${PACKAGE_NAMESPACE}/metadata/core-properties" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">${stamp('created')}${stamp('modified')}</cp:coreProperties>`
}

-- What reports group events by, taken from metadata: the recipient's domain (of all events), the link of opens and clicks, and the class of bounces. The service calculates
-- them when it stores an event (src/clickhouse/write/metadata-columns.ts): the engine would take as long for these expressions as for the rest of the insert. For rows that were
-- stored without these columns, the expressions give exactly the same values; a test compares them. Such a row is calculated when it is read, and stored with the next merge
-- of its part.
--
-- metadata is the text that JSON.stringify writes: no white space, no escape in a name, and in texts `\ud…` only for half of a surrogate pair. The engine's JSON functions are
-- not used to read it, because they fail for objects with a number above 64 bits, half of a pair or a thousand levels. No text makes an expression fail.
--
-- The parts of each expression, from the inside:
-- - An object with objects or lists is reduced to the fields of its first level: tokens are its brackets, texts, and names with their plain values.
-- - The fields with the names in question are matched, and their values listed in the order of precedence; a value that is an object or list is empty.
-- - Each value becomes its text in JavaScript: half of a pair becomes U+FFFD, a number is written as a double.
ALTER TABLE {database:Identifier}.analytics_events
    ADD COLUMN IF NOT EXISTS recipient_domain Nullable(String) DEFAULT if(
        multiSearchAny(metadata, ['recipientDomain":', 'recipient":', 'to":', 'email":']),
        arrayMap(
            names -> nullIf(lowerUTF8(arrayFirst(domain -> domain != '', arrayMap(
                (name, value) -> arrayMap(
                    text -> if(endsWith(name, 'Domain":'), text, extract(text, '@([^@]*)$')),
                    [multiIf(
                        value IN ('', 'null'), '',
                        startsWith(value, '"') AND position(value, '\\') = 0, substring(value, 2, length(value) - 2),
                        startsWith(value, '"'), JSONExtractString(replaceRegexpAll(replaceAll(value, '\\\\', '\\u005c'), '\\\\ud[89a-f]..', '\\\\ufffd')),
                        match(value, '^(?:true|false|0|-?[1-9][0-9]{0,14})$'), value,
                        coalesce(
                            replaceRegexpOne(toString(JSONExtract(if(match(value, '[.eE]'), value, concat(value, '.0')), 'Nullable(Float64)') + 0), 'e([0-9])', 'e+\\1'),
                            if(startsWith(value, '-'), '-Infinity', 'Infinity')
                        )
                    )]
                )[1],
                names,
                arrayMap(
                    fields -> arrayMap(name -> substring(arrayLast(field -> substring(field, 2, length(name)) = name, fields), length(name) + 2), names),
                    [extractAll(
                        if(
                            match(metadata, '[:,[][{[]'),
                            concat('{', arrayStringConcat(arrayMap(
                                tokens -> arrayFilter(
                                    (token, depth) -> depth = 1 AND startsWith(token, '"'),
                                    tokens,
                                    arrayCumSum(token -> (token IN ('{', '[')) - (token IN ('}', ']')), tokens)
                                ),
                                [extractAll(metadata, '"(?:[^"\\\\]|\\\\.)*"(?::(?:"(?:[^"\\\\]|\\\\.)*"|[^",{}\\[\\]]+)?)?|[{}\\[\\]]')]
                            )[1], ','), '}'),
                            metadata
                        ),
                        '[{,]"(?:data\\.)?(?:recipientDomain|recipient|to|email)":(?:"(?:[^"\\\\]|\\\\.)*"|[^",{}\\[\\]]+)?'
                    )]
                )[1]
            ))), ''),
            [[
                '"data.recipientDomain":', '"data.recipient":', '"data.to":', '"data.email":',
                '"recipientDomain":', '"recipient":', '"to":', '"email":'
            ]]
        )[1],
        NULL
    ),
    ADD COLUMN IF NOT EXISTS link Nullable(String) DEFAULT if(
        event_type IN ('message_opened', 'message_clicked') AND multiSearchAny(metadata, ['url":', 'link":']),
        nullIf(arrayFirst(text -> text != '', arrayMap(
            value -> multiIf(
                value IN ('', 'null'), '',
                startsWith(value, '"') AND position(value, '\\') = 0, substring(value, 2, length(value) - 2),
                startsWith(value, '"'), JSONExtractString(replaceRegexpAll(replaceAll(value, '\\\\', '\\u005c'), '\\\\ud[89a-f]..', '\\\\ufffd')),
                match(value, '^(?:true|false|0|-?[1-9][0-9]{0,14})$'), value,
                coalesce(
                    replaceRegexpOne(toString(JSONExtract(if(match(value, '[.eE]'), value, concat(value, '.0')), 'Nullable(Float64)') + 0), 'e([0-9])', 'e+\\1'),
                    if(startsWith(value, '-'), '-Infinity', 'Infinity')
                )
            ),
            arrayMap(
                fields -> arrayMap(
                    name -> substring(arrayLast(field -> substring(field, 2, length(name)) = name, fields), length(name) + 2),
                    ['"data.url":', '"data.link":', '"url":', '"link":']
                ),
                [extractAll(
                    if(
                        match(metadata, '[:,[][{[]'),
                        concat('{', arrayStringConcat(arrayMap(
                            tokens -> arrayFilter(
                                (token, depth) -> depth = 1 AND startsWith(token, '"'),
                                tokens,
                                arrayCumSum(token -> (token IN ('{', '[')) - (token IN ('}', ']')), tokens)
                            ),
                            [extractAll(metadata, '"(?:[^"\\\\]|\\\\.)*"(?::(?:"(?:[^"\\\\]|\\\\.)*"|[^",{}\\[\\]]+)?)?|[{}\\[\\]]')]
                        )[1], ','), '}'),
                        metadata
                    ),
                    '[{,]"(?:data\\.)?(?:url|link)":(?:"(?:[^"\\\\]|\\\\.)*"|[^",{}\\[\\]]+)?'
                )]
            )[1]
        )), ''),
        NULL
    ),
    ADD COLUMN IF NOT EXISTS bounce_class LowCardinality(Nullable(String)) DEFAULT if(
        event_type = 'message_bounced',
        arrayMap(
            texts -> coalesce(
                nullIf(arrayFirst(class -> class != '', arrayMap(
                    text -> arrayMap(
                        word -> multiIf(
                            word IN ('hard', 'permanent', 'hardbounce', 'bademailaddress', 'invalidemail', 'invalidaddress'), 'hard',
                            word IN ('soft', 'transient', 'softbounce', 'dnserror', 'mailboxunavailable', 'technicalfailure', 'frequencyorvolumetoohigh'), 'soft',
                            word IN ('block', 'blocked', 'espblock', 'dmarcpolicy', 'virusnotification', 'reputation', 'content'), 'block',
                            word IN ('admin', 'dropped', 'manuallydeactivated', 'manualsuppression', 'suppressed'), 'admin',
                            ''
                        ),
                        [replaceRegexpAll(lowerUTF8(text), '[\\s\\x0b\\p{Z}\\x{feff}_-]', '')]
                    )[1],
                    texts
                )), ''),
                arrayMap(
                    code -> multiIf(
                        code = '', NULL,
                        startsWith(code, '4'), 'soft',
                        match(code, '^5\\.(?:1\\.0*(?:[12346]|10)|2\\.0*[14]|7\\.0*(?:13|17|18))$'), 'hard',
                        match(code, '^5\\.[234]'), 'soft',
                        'block'
                    ),
                    [extract(
                        arrayStringConcat(texts, '\n'),
                        concat(
                            '(?:^|[^0-9.])',
                            '(4\\.[0-9]\\.[0-9]{1,3}|5\\.(?:[347]\\.[0-9]{1,3}|1\\.(?:0{0,2}[1-4678]|0?10)|2\\.0{0,2}[1-4]))',
                            '(?:$|[^0-9.]|\\.(?:$|[^0-9]))'
                        )
                    )]
                )[1],
                arrayMap(
                    code -> multiIf(startsWith(code, '4'), 'soft', code IN ('550', '551', '553'), 'hard', 'undetermined'),
                    [arrayFirst(code -> code != '', arrayMap(text -> extract(text, '^[\\s\\x0b\\p{Z}\\x{feff}]*([45][0-9][0-9])(?:$|[^0-9])'), texts))]
                )[1]
            ),
            arrayMap(
                fields -> arrayFilter(text -> text != '', arrayMap(
                    name -> arrayFirst(text -> text != '', arrayMap(
                        value -> multiIf(
                            value IN ('', 'null'), '',
                            startsWith(value, '"') AND position(value, '\\') = 0, substring(value, 2, length(value) - 2),
                            startsWith(value, '"'), JSONExtractString(replaceRegexpAll(replaceAll(value, '\\\\', '\\u005c'), '\\\\ud[89a-f]..', '\\\\ufffd')),
                            match(value, '^(?:true|false|0|-?[1-9][0-9]{0,14})$'), value,
                            coalesce(
                                replaceRegexpOne(toString(JSONExtract(if(match(value, '[.eE]'), value, concat(value, '.0')), 'Nullable(Float64)') + 0), 'e([0-9])', 'e+\\1'),
                                if(startsWith(value, '-'), '-Infinity', 'Infinity')
                            )
                        ),
                        arrayMap(
                            start -> substring(arrayLast(field -> substring(field, 2, length(start)) = start, fields), length(start) + 2),
                            [concat('"data.', name, '":'), concat('"', name, '":')]
                        )
                    )),
                    ['bounceClass', 'bounceType', 'bounce_type', 'type', 'classification', 'reason', 'status', 'code', 'smtpCode', 'diagnostic', 'response']
                )),
                [extractAll(
                    if(
                        match(metadata, '[:,[][{[]'),
                        concat('{', arrayStringConcat(arrayMap(
                            tokens -> arrayFilter(
                                (token, depth) -> depth = 1 AND startsWith(token, '"'),
                                tokens,
                                arrayCumSum(token -> (token IN ('{', '[')) - (token IN ('}', ']')), tokens)
                            ),
                            [extractAll(metadata, '"(?:[^"\\\\]|\\\\.)*"(?::(?:"(?:[^"\\\\]|\\\\.)*"|[^",{}\\[\\]]+)?)?|[{}\\[\\]]')]
                        )[1], ','), '}'),
                        metadata
                    ),
                    '[{,]"(?:data\\.)?(?:bounceClass|bounceType|bounce_type|type|classification|reason|status|code|smtpCode|diagnostic|response)":(?:"(?:[^"\\\\]|\\\\.)*"|[^",{}\\[\\]]+)?'
                )]
            )
        )[1],
        NULL
    )

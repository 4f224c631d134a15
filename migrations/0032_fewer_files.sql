-- A part of up to 256 MiB (as it lies in memory) is one file for all columns, and so are its projections: a dashboard reads a dozen columns of ten parts, and opening a file
-- for each took longer than reading them. Nobody asks for the statistics that the engine keeps of every column, by default, and they cost a tenth of a merge.
ALTER TABLE {database:Identifier}.analytics_events MODIFY SETTING min_bytes_for_wide_part = 268435456, auto_statistics_types = ''

CREATE USER OR REPLACE `dashboards` ON CLUSTER `analytics_cluster` IDENTIFIED WITH sha256_hash BY '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b' SETTINGS readonly = 2;

CREATE ROW POLICY OR REPLACE one_tenant ON CLUSTER `analytics_cluster` ON `analytics`.`analytics_events_local` FOR SELECT USING tenant_id = getSetting('SQL_tenant') TO `dashboards`;

CREATE ROW POLICY OR REPLACE one_tenant ON CLUSTER `analytics_cluster` ON `analytics`.`analytics_names_local` FOR SELECT USING tenant_id = getSetting('SQL_tenant') TO `dashboards`;

CREATE ROW POLICY OR REPLACE one_tenant ON CLUSTER `analytics_cluster` ON `analytics`.`analytics_message_facts_local` FOR SELECT USING tenant_id = getSetting('SQL_tenant') TO `dashboards`;

CREATE ROW POLICY OR REPLACE all_tenants ON CLUSTER `analytics_cluster` ON `analytics`.`analytics_events_local` FOR SELECT USING 1 TO ALL EXCEPT `dashboards`;

CREATE ROW POLICY OR REPLACE all_tenants ON CLUSTER `analytics_cluster` ON `analytics`.`analytics_names_local` FOR SELECT USING 1 TO ALL EXCEPT `dashboards`;

CREATE ROW POLICY OR REPLACE all_tenants ON CLUSTER `analytics_cluster` ON `analytics`.`analytics_message_facts_local` FOR SELECT USING 1 TO ALL EXCEPT `dashboards`;

GRANT ON CLUSTER `analytics_cluster` SELECT ON `analytics`.`analytics_events` TO `dashboards`;

GRANT ON CLUSTER `analytics_cluster` SELECT ON `analytics`.`analytics_names` TO `dashboards`;

GRANT ON CLUSTER `analytics_cluster` SELECT ON `analytics`.`analytics_message_facts` TO `dashboards`;

GRANT ON CLUSTER `analytics_cluster` SELECT ON `analytics`.`analytics_events_local` TO `dashboards`;

GRANT ON CLUSTER `analytics_cluster` SELECT ON `analytics`.`analytics_names_local` TO `dashboards`;

GRANT ON CLUSTER `analytics_cluster` SELECT ON `analytics`.`analytics_message_facts_local` TO `dashboards`;

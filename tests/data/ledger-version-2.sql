BEGIN TRANSACTION;
CREATE TABLE account (
	id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	next_turn DOUBLE NOT NULL, 
	held_until DOUBLE NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE ("key")
);
INSERT INTO "account" VALUES(1,'krezypay/sandbox/default@http://127.0.0.1:9999/krezypay',1.79527159416900753971e+09,0.0);
CREATE TABLE customer (
	account_id INTEGER NOT NULL, 
	identity TEXT NOT NULL, 
	state TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	run TEXT NOT NULL, 
	"row" INTEGER NOT NULL, 
	attempts INTEGER NOT NULL, 
	first_sent_at DOUBLE NOT NULL, 
	sent_at DOUBLE NOT NULL, 
	customer_id TEXT NOT NULL, 
	code TEXT NOT NULL, 
	message TEXT NOT NULL, 
	http_status INTEGER, 
	extra TEXT NOT NULL, 
	"exclusive" TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (account_id, identity), 
	CONSTRAINT known_state CHECK (state IN ('sending', 'created', 'exists', 'rejected', 'failed', 'unknown')), 
	CONSTRAINT created_has_an_id CHECK (state <> 'created' OR customer_id <> ''), 
	FOREIGN KEY(account_id) REFERENCES account (id), 
	FOREIGN KEY(run) REFERENCES run (id)
)
 WITHOUT ROWID

;
INSERT INTO "customer" VALUES(1,'094ce83bae7eb9de6a2f364db30dd974','unknown','4b608a3e-e389-4b1e-be92-13f7c0b6bcd9','20261121-143314-8eb88e',4,1,1.79527159417238068583e+09,1795271594.17379,'','connection_lost','The connection was lost before the whole answer had come (ServerDisconnectedError)',NULL,'{}','');
INSERT INTO "customer" VALUES(1,'37dbcb79d8f899148ea33e13f0992ede','failed','d3abe335-db2b-44e3-ad5b-bb72e6b20b57','20261121-143314-6fc33e',3,1,1.7952715941723434925e+09,1.79527159417342972759e+09,'','assumed_not_created','A person found that the provider does not have it: it may be sent',NULL,'{}','');
INSERT INTO "customer" VALUES(1,'59d2e0af31e97e632a9684684399816f','created','d671a243-2f6c-4bf4-9106-63575f341612','20261121-143314-8eb88e',2,1,1.79527159414745283126e+09,1.79527159415630650522e+09,'f240709402d556fdb2c0a9470b','','',200,'{}','');
INSERT INTO "customer" VALUES(1,'f2b5d8b89c23c11a686a19ae6e94377c','created','7e7d4709-aa51-4c4d-9edc-22b332b8218c','20261121-143314-8eb88e',5,1,1.79527159417238616942e+09,1.79527159417412900924e+09,'62e98bee5189d055cbcd025416','','',200,'{}','');
CREATE TABLE history (
	id INTEGER NOT NULL, 
	at DOUBLE NOT NULL, 
	account_id INTEGER NOT NULL, 
	identity TEXT NOT NULL, 
	state TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	run TEXT NOT NULL, 
	"row" INTEGER NOT NULL, 
	attempts INTEGER NOT NULL, 
	first_sent_at DOUBLE NOT NULL, 
	sent_at DOUBLE NOT NULL, 
	customer_id TEXT NOT NULL, 
	code TEXT NOT NULL, 
	message TEXT NOT NULL, 
	http_status INTEGER, 
	PRIMARY KEY (id)
);
INSERT INTO "history" VALUES(1,1.79527159426308274272e+09,1,'37dbcb79d8f899148ea33e13f0992ede','unknown','d3abe335-db2b-44e3-ad5b-bb72e6b20b57','20261121-143314-8eb88e',3,1,1.7952715941723434925e+09,1.79527159417342972759e+09,'','connection_lost','The connection was lost before the whole answer had come (ServerDisconnectedError)',NULL);
CREATE TABLE ledger_version (
	version INTEGER NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "ledger_version" VALUES(2);
CREATE TABLE run (
	id TEXT NOT NULL, 
	account_id INTEGER NOT NULL, 
	source TEXT NOT NULL, 
	output TEXT NOT NULL, 
	again TEXT NOT NULL, 
	started_at DOUBLE NOT NULL, 
	ended_at DOUBLE, 
	exit_code INTEGER, 
	counts TEXT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(account_id) REFERENCES account (id)
);
INSERT INTO "run" VALUES('20261121-143314-8eb88e',1,'/home/ann/sheets/customers.csv','/home/ann/sheets/customers.results.csv','',1.79527159412693428997e+09,1.79527159419771480562e+09,1,'{"created": 2, "exists": 0, "duplicate": 0, "invalid": 0, "rejected": 0, "failed": 0, "unknown": 2, "not_sent": 0}');
INSERT INTO "run" VALUES('20261121-143314-6fc33e',1,'/home/ann/sheets/customers.csv','/home/ann/sheets/customers.results.csv','',1.795271594246514082e+09,1.79527159428449893004e+09,1,'{"created": 0, "exists": 2, "duplicate": 0, "invalid": 0, "rejected": 0, "failed": 1, "unknown": 1, "not_sent": 0}');
CREATE UNIQUE INDEX one_under_way ON customer (account_id, "exclusive") WHERE exclusive <> '' AND state IN ('sending', 'unknown');
CREATE INDEX customer_by_run ON customer (run, state);
COMMIT;

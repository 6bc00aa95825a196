package demo

// What names are made of. No word ends in a number, so that a name with a number after it is never another name.
var (
	teams = []string{
		"billing", "checkout", "claims", "data", "fraud", "growth", "identity", "lending", "logistics", "mobile",
		"onboarding", "partners", "payments", "platform", "risk", "search", "support", "treasury",
	}
	services = []string{
		"address-check", "api-gateway", "archive", "audit-log", "bank-details", "batch-import", "card-scan", "catalogue",
		"contract-reader", "credit-notes", "crm-sync", "customs-forms", "delivery-notes", "document-intake", "email-parser",
		"expense-app", "feature-store", "fx-rates", "id-check", "invoice-parser", "invoices", "kyc", "ledger", "licence-plates",
		"mailroom", "notifications", "ocr-worker", "orders", "passport-scan", "payroll", "pdf-splitter", "price-engine",
		"purchase-orders", "receipts", "reporting", "returns", "scheduler", "scoring", "tax-forms", "timesheets", "vendor-portal",
		"webhooks",
	}
	environments = []environment{
		{"prod", 30, true}, {"production", 8, true}, {"staging", 20, false}, {"dev", 16, false}, {"test", 10, false},
		{"qa", 6, false}, {"sandbox", 6, false}, {"preview", 4, false},
	}
	regions   = []string{"eu-west", "eu-central", "us-east", "us-west", "ap-south", "sa-east"}
	customers = []string{
		"acme", "aurelia", "borealis", "cobalt", "delphi", "everglade", "fjordbank", "globex", "halcyon", "initech", "juniper",
		"kestrel", "lumen", "meridian", "northwind", "orchard", "pinnacle", "quarry", "redwood", "solstice",
	}
	people = []string{
		"ada", "bjarne", "chen", "dana", "emeka", "fatima", "grace", "hugo", "ines", "jonas", "kofi", "linus", "mariam", "noor",
		"olga", "priya", "quentin", "rosa", "sven", "tomoko",
	}
	robots = []string{"deploy-bot", "ci-runner", "terraform"}
	jobs   = []string{"nightly", "cron", "backfill", "migration", "load-test", "healthcheck"}

	// messy are names that nobody remembers the reason of; %d is the year.
	messy = []string{
		"test", "test2", "test key", "testing 123", "asdf", "tmp", "temp-%d", "old-do-not-use", "DO NOT DELETE", "delete me?",
		"ci-%d", "jenkins-%d", "key 1", "New key", "my key", "untitled", "Copy of production", "prod (old)", "prod-new-final",
		"hackathon-%d", "demo-%d", "workshop", "intern-%d", "TODO rotate", "backup", "foo", "legacy-app", "see wiki",
		"ask ops before using", "poc-%d", "trial", "%d-migration", "postman", "curl", "from slack", "ex-employee", "do-not-rotate",
	}
	// foreign are names beyond ASCII, in NFC.
	foreign = []string{
		"müller-laptop", "café-kasse", "données-prod", "facturación-staging", "produção-são-paulo", "kjøp-og-salg", "żółw-test",
		"счета-prod", "τιμολόγια-dev", "請求書-本番", "領収書-staging", "发票-测试", "영수증-prod", "größenänderung", "hôpital-sandbox",
	}
)

// environment is where a key is used. A live one sees use all day.
type environment struct {
	name   string
	weight int
	live   bool
}

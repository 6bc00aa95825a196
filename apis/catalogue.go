// Package apis tries keys against the APIs that they open: one request each, with nothing in it but what the API's
// description says, and an answer of alive, dead or unknown. It also holds the catalogues that come with a preset.
package apis

import "clavier/model"

// Catalogue returns the APIs that are known of a preset, the one that a new profile begins with first; none for an unknown
// preset. Each passes model.CheckAPI.
func Catalogue(preset string) []model.API {
	if preset != model.PresetMindee {
		return nil
	}
	list := make([]model.API, 1, 1+len(mindeeProducts))
	// Any request with a live key is answered by 200, one with a dead key by 401; the key stands there without a scheme
	// (Mindee's documentation of its second generation, "Error Handling").
	list[0] = model.API{
		Name: "search/models", Method: "GET", URL: "https://api-v2.mindee.net/v2/search/models", Header: "Authorization",
		Alive: []int{200}, Dead: []int{401}, About: "second generation: the models of the account",
	}
	for _, p := range mindeeProducts {
		list = append(list, p.api())
	}
	return list
}

// Default returns the API that a new profile of a preset begins with.
func Default(preset string) (model.API, bool) {
	list := Catalogue(preset)
	if len(list) == 0 {
		return model.API{}, false
	}
	return list[0], true
}

// product is an off-the-shelf product of Mindee's first generation.
type product struct{ endpoint, about string }

// mindeeProducts are the products that Mindee's documentation of the first generation lists, each with its latest version,
// as its client libraries of 2025 name them: invoices and receipts first, then what is read anywhere, then by country.
var mindeeProducts = []product{
	{"invoices/v4", "invoices"},
	{"expense_receipts/v5", "receipts"},
	{"financial_document/v1", "invoices and receipts alike"},
	{"bank_account_details/v2", "bank account details, France"},
	{"passport/v1", "passports"},
	{"international_id/v2", "identity cards of any country"},
	{"driver_license/v1", "driver licenses"},
	{"business_card/v1", "business cards"},
	{"resume/v1", "resumes"},
	{"delivery_notes/v1", "delivery notes"},
	{"bill_of_lading/v1", "bills of lading"},
	{"nutrition_facts/v1", "nutrition facts labels"},
	{"barcode_reader/v1", "bar codes and QR codes"},
	{"cropper/v1", "where the documents lie on a page"},
	{"invoice_splitter/v1", "where each invoice of a file begins"},
	{"multi_receipts_detector/v1", "where each receipt of a picture lies"},
	{"bank_statement_fr/v2", "bank statements, France"},
	{"carte_grise/v1", "vehicle registrations, France"},
	{"energy_bill_fra/v1", "energy bills, France"},
	{"french_healthcard/v1", "health cards, France"},
	{"idcard_fr/v2", "identity cards, France"},
	{"payslip_fra/v3", "payslips, France"},
	{"ind_passport/v1", "passports, India"},
	{"bank_check/v1", "bank checks, United States"},
	{"us_healthcare_cards/v1", "healthcare cards, United States"},
	{"us_mail/v3", "mail, United States"},
}

// api returns the request that tells whether a key opens the product. It has no document, so nothing is read and nothing
// billed: the complaint about that is 400 (Mindee's documentation, "Error Management": "Missing input file"), or 422, and
// comes to live keys alone; a dead one gets 401. A 403 (blocked, or the plan is used up) and a 404 (not subscribed) say
// neither.
func (p product) api() model.API {
	return model.API{
		Name: p.endpoint, Method: "POST", URL: "https://api.mindee.net/v1/products/mindee/" + p.endpoint + "/predict",
		Header: "Authorization", Scheme: "Token", Alive: []int{400, 422}, Dead: []int{401}, About: p.about,
	}
}

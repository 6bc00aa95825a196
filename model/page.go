package model

// Page is a part of a long list of keys.
type Page struct {
	// Keys is valid until the next page is asked for: the slice may be used again, the strings in it stay valid.
	Keys []Key
	// Total is how many keys there are in all; 0 while that is unknown.
	Total int
	// Mark is what is asked for as since, to learn what has changed after the list began; 0 if the provider cannot tell.
	Mark int64
}

// Changes is what happened to the keys of a profile since a mark.
type Changes struct {
	// Keys are those that are new, or whose last use, expiry or switch has changed, in any order.
	Keys []Key
	// Gone holds the ids of deleted keys.
	Gone []string
	// Mark is since for the next question.
	Mark int64
	// All is true if too much has changed to tell: read everything again. Keys and Gone are empty then.
	All bool
}

package wire

// The paths of a key service. Those with an id have it behind the last slash, escaped.
const (
	// PathKeys lists keys (GET, ?limit=N&cursor=NEXT&filter=TEXT); below it stands one key: PUT stores, GET returns, DELETE
	// removes it.
	PathKeys = "/v1/keys"
	// SealedSuffix, behind the path of a key, is its sealed secret (GET).
	SealedSuffix = "/sealed"
	// ExpirySuffix, behind the path of a key, gives it an end (POST).
	ExpirySuffix = "/expiry"
	// UseSuffix, behind the path of a key, notes that it was used now (POST).
	UseSuffix = "/use"
	// PathLookup tells which key has a digest (POST).
	PathLookup = "/v1/lookup"
	// PathState tells the mark of the last change, how many keys there are, and whose token was presented (GET).
	PathState = "/v1/state"
	// PathChanges tells what happened since a mark (GET, ?since=MARK).
	PathChanges = "/v1/changes"
	// PathActivity lists what happened, newest first (GET, ?limit=N).
	PathActivity = "/v1/activity"
	// PathRotations lists the unfinished rotations (GET); behind it stands OLD-ID/steps/STEP, which notes a step (PUT).
	PathRotations = "/v1/rotations"
	// PathAnswers lists how APIs answered (GET), and takes answers (POST).
	PathAnswers = "/v1/answers"
	// PathVerify answers whether a presented secret belongs to a live key; any method, any path below it.
	PathVerify = "/v1/verify"
	// PathOpenAPI is the description of all this, in OpenAPI 3.1.
	PathOpenAPI = "/openapi.json"
	// PathHealth answers 200 while the process lives, PathReady while it can answer for keys.
	PathHealth = "/healthz"
	PathReady  = "/readyz"
)

// The headers of an answer of 200 from PathVerify. All of them are always there, so that none that a client made up passes a
// proxy.
const (
	HeaderKeyID   = "X-Clavier-Key-Id"
	HeaderKeyName = "X-Clavier-Key-Name" // percent-encoded UTF-8, see EncodeName
	HeaderKeyRole = "X-Clavier-Key-Role"
)

// HeaderActor is who makes a change and from where, as the client says: two percent-encoded texts with an @ between them. A
// server adds it to what it knows by itself.
const HeaderActor = "X-Clavier-Actor"

// The bounds of what is sent.
const (
	// MaxBody bounds the body of a request or an answer in bytes, unpacked.
	MaxBody = 8 << 20
	// MaxPage is the most keys of a page, FirstPage how many a client asks for first.
	MaxPage   = 5000
	FirstPage = 256
	// MaxActivity is the most lines of activity in an answer.
	MaxActivity = 10_000
)

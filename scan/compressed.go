package scan

import "bytes"

// magics are how compressed files begin. What only packs files and does not compress them, such as tar, is read as it is.
var magics = []struct{ begins, what string }{
	{"PK\x03\x04", "zip archive"},
	{"PK\x05\x06", "zip archive"},
	{"PK\x07\x08", "zip archive"},
	{"\x1f\x8b\x08", "gzip file"},
	{"\x1f\x9d", "compress file"},
	{"BZh", "bzip2 file"},
	{"\xfd7zXZ\x00", "xz file"},
	{"\x28\xb5\x2f\xfd", "zstd file"},
	{"\x04\x22\x4d\x18", "lz4 file"},
	{"LZIP\x01", "lzip file"},
	{"7z\xbc\xaf\x27\x1c", "7-Zip archive"},
	{"Rar!\x1a\x07", "rar archive"},
	{"MSCF\x00\x00\x00\x00", "cabinet archive"},
	{"PACK\x00\x00\x00", "git pack"},
}

// compression says what a compressed file is, by how it begins; empty for any other.
func compression(begin []byte) string {
	for _, m := range magics {
		if len(begin) < len(m.begins) || string(begin[:len(m.begins)]) != m.begins {
			continue
		}
		// A line of text may begin with BZh: behind it stand the size of the blocks and the digits of pi.
		if m.begins == "BZh" && (len(begin) < 10 || !bytes.Equal(begin[4:10], []byte("\x31\x41\x59\x26\x53\x59")) &&
			!bytes.Equal(begin[4:10], []byte("\x17\x72\x45\x38\x50\x90"))) {
			continue
		}
		return m.what
	}
	return ""
}

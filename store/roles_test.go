package store

func play(role string) int { return 2 }

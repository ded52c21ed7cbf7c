"""Operations on worlds, declared like those of partners and served under ``/_sandbox``."""

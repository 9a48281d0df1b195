CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger only grows: % of % is refused', TG_OP, TG_TABLE_NAME;
END
$$;
CREATE FUNCTION only_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.size < OLD.size THEN
        RAISE EXCEPTION 'the ledger only grows: its head is not set back';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER only_forward BEFORE UPDATE ON head FOR EACH ROW EXECUTE FUNCTION only_forward();
CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON head FOR EACH STATEMENT EXECUTE FUNCTION refuse();

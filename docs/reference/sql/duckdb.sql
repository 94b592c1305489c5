-- Made by `python -m canonical.generate`; change the code, not this file.

CREATE TABLE IF NOT EXISTS canonical.organisation (
    org_id UUID NOT NULL,
    name VARCHAR,
    org_role VARCHAR,
    ods_code VARCHAR,
    charity_number VARCHAR,
    company_number VARCHAR,
    source_of_referral_category VARCHAR,
    external_referral_consent_rule VARCHAR,
    source_system VARCHAR NOT NULL,
    batch_sequence BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS canonical.service (
    service_id UUID NOT NULL,
    org_id UUID,
    lot_code VARCHAR,
    source_project VARCHAR,
    source_subcategory VARCHAR,
    name VARCHAR,
    status VARCHAR,
    valid_from DATE,
    valid_to DATE,
    waiting_time_target_days INTEGER,
    minimum_age INTEGER,
    maximum_age INTEGER,
    domestic_abuse BOOLEAN,
    source_system VARCHAR NOT NULL,
    batch_sequence BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS canonical.person (
    person_id UUID NOT NULL,
    given_name VARCHAR,
    family_name VARCHAR,
    preferred_name VARCHAR,
    birth_date DATE,
    birth_date_quality VARCHAR,
    birth_year_month VARCHAR,
    death_date DATE,
    role_type VARCHAR,
    nhs_number VARCHAR,
    nhs_number_status VARCHAR,
    la_person_id VARCHAR,
    uprn VARCHAR,
    gp_practice_code VARCHAR,
    preferred_language VARCHAR,
    interpreter_required BOOLEAN,
    preferred_contact_method VARCHAR,
    safe_to_contact VARCHAR,
    anonymous BOOLEAN,
    merged_into UUID,
    anonymised BOOLEAN,
    share_council VARCHAR,
    household_id UUID,
    linked_person_id UUID,
    safety_flag BOOLEAN,
    source_system VARCHAR NOT NULL,
    batch_sequence BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS canonical.person_identifier (
    identifier_id UUID NOT NULL,
    person_id UUID,
    scheme VARCHAR,
    value VARCHAR,
    issuer_org_id UUID,
    source_system VARCHAR NOT NULL,
    batch_sequence BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS canonical.relationship (
    relationship_id UUID NOT NULL,
    person_id UUID,
    related_person_id UUID,
    relation VARCHAR,
    hours_caring_band VARCHAR,
    valid_from DATE,
    valid_to DATE,
    source_system VARCHAR NOT NULL,
    batch_sequence BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS canonical.address (
    address_id UUID NOT NULL,
    person_id UUID,
    line1 VARCHAR,
    line2 VARCHAR,
    line3 VARCHAR,
    line4 VARCHAR,
    line5 VARCHAR,
    postcode VARCHAR,
    postcode_status VARCHAR,
    uprn VARCHAR,
    lsoa21 VARCHAR,
    lsoa11 VARCHAR,
    ward VARCHAR,
    ward_before VARCHAR,
    neighbourhood VARCHAR,
    imd_decile INTEGER,
    lad VARCHAR,
    valid_from DATE,
    valid_to DATE,
    address_type VARCHAR,
    sensitive_location BOOLEAN,
    postcode_district VARCHAR,
    source_system VARCHAR NOT NULL,
    batch_sequence BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS canonical.characteristics (
    characteristics_id UUID NOT NULL,
    person_id UUID,
    recorded_on DATE,
    ethnicity_2021 VARCHAR,
    ethnicity_nhs VARCHAR,
    gender VARCHAR,
    gender_same_as_birth VARCHAR,
    sexual_orientation VARCHAR,
    religion VARCHAR,
    disability VARCHAR,
    disability_impact VARCHAR,
    accommodation_status VARCHAR,
    employment_status VARCHAR,
    unpaid_carer VARCHAR,
    armed_forces VARCHAR,
    marital_status VARCHAR,
    source_system VARCHAR NOT NULL,
    batch_sequence BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS canonical.consent (
    consent_id UUID NOT NULL,
    person_id UUID,
    purpose VARCHAR,
    status VARCHAR,
    recorded_at TIMESTAMP WITH TIME ZONE,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    recorded_by_org UUID,
    recorded_on DATE,
    source_system VARCHAR NOT NULL,
    batch_sequence BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS canonical.referral (
    referral_id UUID NOT NULL,
    person_id UUID,
    received_at TIMESTAMP WITH TIME ZONE,
    received_time_known BOOLEAN,
    target_service_id UUID,
    referrer_type VARCHAR,
    referrer_org_id UUID,
    referrer_name VARCHAR,
    heard_about_us VARCHAR,
    referral_method VARCHAR,
    parent_referral_id UUID,
    priority VARCHAR,
    triaged_at TIMESTAMP WITH TIME ZONE,
    triage_outcome VARCHAR,
    status VARCHAR,
    closed_at DATE,
    closure_reason VARCHAR,
    re_referral BOOLEAN,
    route_of_access VARCHAR,
    received_on DATE,
    triage_days INTEGER,
    age_band VARCHAR,
    lot_code VARCHAR,
    reveals_abuse BOOLEAN,
    source_system VARCHAR NOT NULL,
    batch_sequence BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS canonical.need (
    need_id UUID NOT NULL,
    person_id UUID,
    referral_id UUID,
    need_code VARCHAR,
    is_primary BOOLEAN,
    raised_on DATE,
    resolved_on DATE,
    reveals_abuse BOOLEAN,
    source_system VARCHAR NOT NULL,
    batch_sequence BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS canonical.risk (
    risk_id UUID NOT NULL,
    person_id UUID,
    risk_code VARCHAR,
    level VARCHAR,
    start_on DATE,
    end_on DATE,
    recorded_by_org UUID,
    reveals_abuse BOOLEAN,
    source_system VARCHAR NOT NULL,
    batch_sequence BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS canonical.contact (
    contact_id UUID NOT NULL,
    referral_id UUID,
    contact_at TIMESTAMP WITH TIME ZONE,
    medium VARCHAR,
    attendance VARCHAR,
    subject VARCHAR,
    duration_min INTEGER,
    worker_ref VARCHAR,
    is_administrative BOOLEAN,
    contact_on DATE,
    reveals_abuse BOOLEAN,
    source_system VARCHAR NOT NULL,
    batch_sequence BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS canonical.advice (
    advice_id UUID NOT NULL,
    person_id UUID,
    referral_id UUID,
    contact_id UUID,
    given_at TIMESTAMP WITH TIME ZONE,
    category VARCHAR,
    subcategory VARCHAR,
    by_org_id UUID,
    given_on DATE,
    wait_working_days INTEGER,
    reveals_abuse BOOLEAN,
    source_system VARCHAR NOT NULL,
    batch_sequence BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS canonical.signposting (
    signposting_id UUID NOT NULL,
    person_id UUID,
    referral_id UUID,
    signposted_on DATE,
    to_org_id UUID,
    to_service_id UUID,
    reason_code VARCHAR,
    reveals_abuse BOOLEAN,
    source_system VARCHAR NOT NULL,
    batch_sequence BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS canonical.onward_referral (
    onward_referral_id UUID NOT NULL,
    person_id UUID,
    referral_id UUID,
    made_at TIMESTAMP WITH TIME ZONE,
    to_org_id UUID,
    to_service_id UUID,
    reason_code VARCHAR,
    consent_id UUID,
    resulting_referral_id UUID,
    outcome VARCHAR,
    made_on DATE,
    lot_code VARCHAR,
    reveals_abuse BOOLEAN,
    source_system VARCHAR NOT NULL,
    batch_sequence BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS canonical.service_episode (
    episode_id UUID NOT NULL,
    referral_id UUID,
    person_id UUID,
    service_id UUID,
    accepted_on DATE,
    offered_start_on DATE,
    started_on DATE,
    ended_on DATE,
    end_reason VARCHAR,
    case_review_on DATE,
    step VARCHAR,
    wait_days INTEGER,
    lot_code VARCHAR,
    reveals_abuse BOOLEAN,
    source_system VARCHAR NOT NULL,
    batch_sequence BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS canonical.outcome_measure (
    measure_id UUID NOT NULL,
    person_id UUID,
    episode_id UUID,
    tool VARCHAR,
    tool_version VARCHAR,
    timepoint VARCHAR,
    completed_on DATE,
    item_01 INTEGER,
    item_02 INTEGER,
    item_03 INTEGER,
    item_04 INTEGER,
    item_05 INTEGER,
    item_06 INTEGER,
    item_07 INTEGER,
    item_08 INTEGER,
    item_09 INTEGER,
    item_10 INTEGER,
    item_11 INTEGER,
    item_12 INTEGER,
    item_13 INTEGER,
    item_14 INTEGER,
    raw_total INTEGER,
    metric_score DECIMAL(12,2),
    self_completed BOOLEAN,
    referral_id UUID,
    reveals_abuse BOOLEAN,
    source_system VARCHAR NOT NULL,
    batch_sequence BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS canonical.outcome (
    outcome_id UUID NOT NULL,
    episode_id UUID,
    need_id UUID,
    outcome_code VARCHAR,
    achieved VARCHAR,
    money_gained_gbp DECIMAL(12,2),
    arrears_obtained_gbp DECIMAL(12,2),
    awarded_on DATE,
    person_id UUID,
    referral_id UUID,
    source_system VARCHAR NOT NULL,
    batch_sequence BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS canonical.child_review (
    review_id UUID NOT NULL,
    person_id UUID,
    mother_nhs_number VARCHAR,
    stage VARCHAR,
    mandated_review VARCHAR,
    completed_on DATE,
    completed_late BOOLEAN,
    is_repeat BOOLEAN,
    asq3_used BOOLEAN,
    early_help_indicator BOOLEAN,
    safeguarding_indicator VARCHAR,
    looked_after VARCHAR,
    locality VARCHAR,
    source_system VARCHAR NOT NULL,
    batch_sequence BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS canonical.child_score (
    score_id UUID NOT NULL,
    person_id UUID,
    review_id UUID,
    interval VARCHAR,
    domain VARCHAR,
    score DECIMAL(12,2),
    adjusted BOOLEAN,
    band VARCHAR,
    source_system VARCHAR NOT NULL,
    batch_sequence BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS canonical.early_help_episode (
    early_help_episode_id UUID NOT NULL,
    person_id UUID,
    family_id UUID,
    started_on DATE,
    ended_on DATE,
    reason VARCHAR,
    end_reason VARCHAR,
    org_id UUID,
    referral_source VARCHAR,
    source_system VARCHAR NOT NULL,
    batch_sequence BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS canonical.directory_service (
    directory_service_id UUID NOT NULL,
    directory_org_id UUID,
    name VARCHAR,
    status VARCHAR,
    description VARCHAR,
    url VARCHAR,
    email VARCHAR,
    minimum_age INTEGER,
    maximum_age INTEGER,
    assured_on DATE,
    modified_at TIMESTAMP WITH TIME ZONE,
    latitude DECIMAL(9,6),
    longitude DECIMAL(9,6),
    taxonomy_terms VARCHAR,
    legacy_group_slug VARCHAR,
    source_system VARCHAR NOT NULL,
    batch_sequence BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS canonical.aggregate_count (
    aggregate_count_id UUID NOT NULL,
    count_id VARCHAR,
    label VARCHAR,
    unit VARCHAR,
    period VARCHAR,
    period_start DATE,
    period_end DATE,
    value INTEGER,
    shown VARCHAR,
    suppressed_below INTEGER,
    rounded_to INTEGER,
    source_system VARCHAR NOT NULL,
    batch_sequence BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE NOT NULL
);

//! Who is meant: the readings of a line or of a profile, in the forms that the record keeps.

use crate::domain::contact::{
    ContactError, EmailAddress, PhoneNumber, comparable_id, id_in_list, is_date,
};
use crate::domain::profile::Profile;
use std::collections::BTreeSet;

/// What a reading is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Form {
    Email,
    Phone,
    Id,
}

impl Form {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Id => "id",
        }
    }
}

/// A form, and the reading in it.
pub(super) type AddressReading = (Form, String);

/// Somebody of a list: all readings, each of which holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Who(pub BTreeSet<AddressReading>);

impl Who {
    pub fn email(text: &str) -> Result<Self, ContactError> {
        Ok(Self::of_address(&EmailAddress::parse(text)?))
    }

    pub fn of_address(address: &EmailAddress) -> Self {
        Self(BTreeSet::from([(Form::Email, address.inbox())]))
    }

    pub fn phone(text: &str) -> Result<Self, ContactError> {
        if is_date(text) {
            return Err(ContactError::NotANumber);
        }
        Ok(Self::of_number(&PhoneNumber::parse(text, None)?))
    }

    fn of_number(number: &PhoneNumber) -> Self {
        let keys = number.listed().into_iter();
        Self(keys.map(|key| (Form::Phone, key)).collect())
    }

    pub fn id(text: &str) -> Result<Self, ContactError> {
        Ok(Self(BTreeSet::from([(Form::Id, id_in_list(text)?)])))
    }

    /// A text that may be an address, a number or an id. What may be two of them is both.
    pub fn any(text: &str) -> Result<Self, ContactError> {
        if text.contains(['@', '＠']) {
            return Self::email(text);
        }
        match (Self::phone(text), Self::id(text)) {
            (Ok(phone), Ok(id)) => Ok(phone.and(id)),
            (Ok(who), Err(_)) | (Err(_), Ok(who)) => Ok(who),
            (Err(why @ (ContactError::MoreThanOne | ContactError::UnknownCountry)), _) => Err(why),
            (Err(_), Err(why)) => Err(why),
        }
    }

    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// A customer, by all that the profile says.
    pub fn of_profile(profile: &Profile) -> Self {
        let id = Self(BTreeSet::from([(Form::Id, comparable_id(&profile.id))]));
        id.and(Self::of_addresses(profile))
            .and(Self::of_numbers(profile))
    }

    /// A customer's address.
    pub fn of_addresses(profile: &Profile) -> Self {
        addresses(profile)
            .iter()
            .map(Self::of_address)
            .fold(Self::default(), Self::and)
    }

    /// A customer's number.
    pub fn of_numbers(profile: &Profile) -> Self {
        numbers(profile)
            .iter()
            .map(Self::of_number)
            .fold(Self::default(), Self::and)
    }
}

/// The addresses of a profile: the field may hold several, and an id may be an address.
pub(super) fn addresses(profile: &Profile) -> Vec<EmailAddress> {
    let fields = [profile.email.as_deref(), Some(profile.id.as_str())];
    let mut found = Vec::new();
    for text in fields
        .into_iter()
        .flatten()
        .filter(|text| text.contains(['@', '＠']))
    {
        match EmailAddress::parse(text) {
            Err(ContactError::MoreThanOne) => {
                let parts = text.split([',', ';', ' ', '|']);
                found.extend(parts.filter_map(|part| EmailAddress::parse(part).ok()));
            }
            read => found.extend(read.ok()),
        }
    }
    found
}

/// The numbers of a profile; an id that is written as nothing but a number is one.
pub(super) fn numbers(profile: &Profile) -> Vec<PhoneNumber> {
    let country = profile.jurisdiction.as_ref().map(|j| j.as_str().to_owned());
    let country = country.as_deref();
    let read = |text: &str| PhoneNumber::parse(text, country);
    let mut found = Vec::new();
    if let Some(text) = &profile.phone {
        match read(text) {
            Err(ContactError::MoreThanOne) => {
                let parts = text
                    .split([',', ';', '|'])
                    .flat_map(|part| part.split(" or "));
                found.extend(
                    parts
                        .flat_map(|part| part.split('/'))
                        .filter_map(|part| read(part).ok()),
                );
            }
            number => found.extend(number.ok()),
        }
    }
    found.extend(
        read(&profile.id)
            .ok()
            .filter(|number| !number.may_be_an_id()),
    );
    found
}

/// What is looked for in the record before something is sent to a customer.
pub(super) fn asked(profile: &Profile) -> BTreeSet<AddressReading> {
    let mut asked = BTreeSet::from([(Form::Id, comparable_id(&profile.id))]);
    asked.extend(Who::of_addresses(profile).0);
    for number in numbers(profile) {
        asked.extend(number.asked().into_iter().map(|key| (Form::Phone, key)));
    }
    asked
}

/// What is looked for in the record when a person asks about somebody.
pub(super) fn asked_of(text: &str) -> Result<BTreeSet<AddressReading>, ContactError> {
    let mut asked = Who::any(text)?.0;
    if let Ok(number) = PhoneNumber::parse(text, None)
        .as_ref()
        .map(PhoneNumber::asked)
    {
        asked.extend(number.into_iter().map(|key| (Form::Phone, key)));
    }
    Ok(asked)
}

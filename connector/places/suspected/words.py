"""The words by which keys say that they hold a person: Swedish, English, Norwegian, Danish, Finnish, German.

All without accents (å and ä as a, ö and ø as o, æ as ae, ü as u) and in lower case. A word counts whole where
it is short or common; longer ones also inside a compound, at its beginning, or at its end.
"""

from typing import NamedTuple


class Says(NamedTuple):
    """The words of one sort of data: `whole` words, what they `begin` or `end` with, or hold `within`."""

    whole: frozenset[str] = frozenset()
    begin: tuple[str, ...] = ()
    end: tuple[str, ...] = ()
    within: tuple[str, ...] = ()


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _says(whole: str, *, begin: str = "", end: str = "", within: str = "") -> Says:
    return Says(_set(whole), begin=tuple(begin.split()), end=tuple(end.split()), within=tuple(within.split()))


# The order is the order of precedence: what says more of the value stands first.
SORTS: dict[str, Says] = {
    "national_id": _says(
        (
            "dni nif nie nik ssn pnr pno cpr cpf curp rut ruc hetu bsn passport pass passnummer passnr "
            "bankid legitimation identitet identity"
        ),
        within=(
            "personnummer personnr personnr personalnumber personalid fodselsnummer cprnummer "
            "henkilotunn samordningsn governmentid nationalid socialsecurity passportnumber"
        ),
    ),
    # Special categories (GDPR art. 9); what goods hold (`allergens`) is none.
    "health": _says(
        (
            "allergy allergies halsa health diagnos diagnosis medicin medication medicine sjukdom disease "
            "handikapp disability dietary specialkost kosthansyn gravid pregnancy pregnant religion "
            "terveys sygdom sykdom helse gesundheit"
        ),
        begin="allergi funktionsneds",
        within="halsouppgift halsodekl matallergi sjukskriv prescription",
    ),
    "vehicle": _says(
        "regnr vin chassinr chassinummer numberplate kennzeichen bilnummer bilnr",
        within="registreringsnum registreringsnr licenseplate licenceplate vehiclereg carreg",
    ),
    "birth_date": _says(
        "dob bday bursdag alder fodd fodda fodt",
        within="birth fodels fodsel syntyma geburt geboren",
    ),
    "ip_address": _says("ip ipaddress ipadress ipaddr ipv remoteaddr", end="userip customerip"),
    "user_agent": _says("useragent fingerprint useragents"),
    "phone": _says(
        (
            "phone phones tel tlf telefon telefonnr telephone mobil mobile mobilnr cell handy "
            "puh fax faxnr "
            "msisdn sms whatsapp"
        ),
        within=(
            "telefon telephone cellphone mobilephone mobilnum phonenumber puhelin payeralias swishn "
            "mobiltelefon telefax"
        ),
    ),
    "email": _says(
        "email emails mail mejl mejladress epost mailadress emailaddress",
        within="epostadress sahkoposti emailaddress mailaddress",
    ),
    "card": _says(
        (
            "iban bic mandate clearing clearingnr lastfour cardholder accountholder kontonummer kontonr "
            "clearingnummer"
        ),
        within=(
            "aterbetalningkonto aterbetalningskonto refundaccount cardnumber kortnummer accountnumber "
            "bankaccount bankkonto cardlast kontoinnehav kontoinhaber"
        ),
    ),
    "tracking": _says(
        "kolli kollinr kollinummer awb waybill parcel parcels barcode",
        within=(
            "trackingn tracking trackandtrace sparning sporing sandningsn sandningsid shipmentn "
            "shipmentid consignment forsendelse sendungsn lahetystunn seuranta kollin kolliid "
            "parceln packageid"
        ),
    ),
    "customer_id": _says(
        (
            "customerid clientid userid memberid contactid subscriberid identifier kundnr kundid "
            "kundnummer "
            "kundenummer kundennummer asiakasnumero accountid instagram insta snapchat discord gamertag"
        ),
        within=(
            "customerid customernumber customerno kundnummer kundennummer kundenummer kundenid "
            "membernumber medlemsnummer medlemsnr userlogin externalid loyaltycard loyaltyn loyaltyid "
            "bonuskort instagramn instagramhandle steamid discordid tiktokn tiktokhandle twitterhandle "
            "medlemskort kundkort chipnummer chipnr anstallningsn employeen employeeid"
        ),
    ),
    "token": _says(
        (
            "imei password passord losenord pinkod passcode "
            "token tokens session sessionid sessiondata "
            "jwt secret cookie cookies fbp fbc gclid "
            "fbclid msclkid "
            "cid gaid idfa clientsecret uuid guid nonce accesskey orderkey authorization"
        ),
        within=(
            "sessionid sessionkey accesstoken clienttoken paymenttoken recurringtoken customertoken "
            "resetkey visitorid deviceid"
        ),
    ),
    "link": _says(
        "photo photourl picture pictureurl avatarurl portrait foto selfie url link href uri location"
    ),
    "reference": _says(
        (
            "referens referensen reference referanse referent viite referenz ref attn attention bestallare "
            "bestaller godsmarke godsmarkning markning marking careof rekvirent attestant"
        ),
        end="referens referanse referenz",
        within="ponumber purchaseordern inkopsorder yourreference errefer",
    ),
    "address": _says(
        (
            "address addresses adress adresse adresser addresse osoite anschrift strasse street "
            "streets gata "
            "gatan vej vei veien katu postal postcode zip zipcode plz postnr postort ort stad city town "
            "kommun kommune apartment lagenhet lagenhetsnr vaning home hemma hemadress residence "
            "latitude longitude lat lng lon geo gps gate grind trapphus uppgang uppgangen "
            "latlng geolocation coordinates koordinater distrito departamento suburb housenumber"
        ),
        begin="gatuadr streetadd postadr leveransadr hemadr",
        end="anschrift adress adresse address gatan vagen strasse osoite addr",
        within="postnummer postinumero postalcode postcode lagenhetsn",
    ),
    "message": _says(
        (
            "message messages msg meddelande meddelanden besked melding beskjed hilsen halsning halsningen "
            "greeting greetings gruss nachricht viesti note notes notering notis anteckning anteckningar "
            "comment comments kommentar kommentarer remark remarks instruction instructions instruktion "
            "instruktioner onskemal wish wishes monogram inscription inskription dedication dedikation "
            "answer answers svar text tackord"
        ),
        end="text",
        begin="halsning meddeland anteckn kommentar instrukt graver",
        within=(
            "engrav gravyr halsning greeting giftmessage tervehdys gruss personalis personaliz "
            "customernote kundkommentar gratul"
        ),
    ),
    "name": _says(
        (
            "name names namn namnet navn navnet nimi fname lname firstname lastname middlename surname "
            "fullname nickname forename vorname nachname etunimi sukunimi smeknamn givenname familyname "
            "username displayname screenname signature signatur underskrift heter hedder heisst "
            "heitir called "
            "efternamnet fornamnet"
        ),
        end="namn navn name nimi",
        within="fornamn efternamn etternavn efternavn fornavn firstname lastname mellannamn",
    ),
    "person": _says(
        (
            "person persons personer personen people vem who whom hvem wer kuka holder holders "
            "owner owners "
            "agare eier ejer guest guests gast gaster gjest gaest gaster child children barn barnet barnen "
            "lapsi kinder kid kids baby student students elev elever pupil patient patienter "
            "member members "
            "medlem medlemmar player players spelare driver forare author sender senders avsandare giver "
            "givare buyer buyers purchaser kopare kjoper kaufer payer payers betalare contact contacts "
            "kontakt kontakter parent parents foralder foraldrar guardian malsman granne grannen neighbour "
            "neighbor nabo nabon naapuri colleague kollega friend friends van vannen hamtas bride groom "
            "brudpar brud brudgum jubilar profile profil profiles beneficiary nominee witness approver "
            "manager chef teacher larare leader ledare avatar gravatar crew besattning manifest signer "
            "deceased avliden pickupby representative foretradare anhorig relative account_name recipient "
            "travelers nominated referrer_name hos donor donors donator saaja saajan lopare runner runners "
            "onskelista onskelistan wishlist registry veterinar veterinarian lakare tandlakare doctor "
            "physician "
            "mentor tranare coach handledare familj familjen family husse matte signatory undertecknare "
            "ambassador "
            "ambassadors affiliate influencer husdjur pet pets spouse husband wife dotter daughter syskon "
            "sibling "
            "mamma pappa mormor morfar farmor farfar mother father subscriber prenumerant abonnent "
            "arbetsgivare "
            "employer befattning jobtitle yrke occupation"
        ),
        begin="barnets kontaktp deltag resenar recip medresen",
        within=(
            "recipient receiver mottag modtag mottak vastaanott empfang empfaeng attendee deltagar "
            "deltaker participant osallistuj teilnehm passenger passagerar traveller traveler "
            "accountholder ticketholder innehavar inhaber avsandar avsender afsender absender "
            "contactperson kontaktperson ansprech yhteyshenk guestlist gastlist vardnadshav "
            "hentesav hentetav afhentesaf memoryof minneav honorof honourof memoriam honoree bestallarens "
            "hamtasav hamtadav pickedup kvitter signedby receivedby "
            "collectedby utlamnad"
        ),
    ),
}

# A key that is nothing but such a word says whom the goods are for.
ALONE = _set("to till til from fran fra von for fur an at av af by cc bcc")
SOLE = _set("first last given family middle")
# With "gift" and the like these say a person too.
# At the end of a key, and nowhere else in it: `event_user` is somebody, `customer_group` a group.
LAST = _set("customer client kund kunden klient kunde asiakas user")
# At the end of a key after a verb these say who did it (`picked_by`); after these words they do not.
DOERS = _set("by av af von")
NO_DEEDS = _set(
    "sort sorted order ordered group grouped filter filtered powered paid multiplied divided built sold "
    "required limited priced charged shipped sorterad sorterat grupperad betald drivs skickad"
)
# Inner names of a pair: the first says what the second holds.
LABELS = _set("label name title key question field etikett rubrik fraga falt namn")
VALUES = _set("value values answer text content svar varde")
# At the end of a key that speaks: not the value, and as good as it for whoever has the value.
HASHES = _set("hash md sha hashed")
GIFT = _set(
    "lahjan gavans presentens gift gifts gava gavan present geschenk lahja gave giftcard presentkort gavokort"
)

# A word that says what else has a name, an address, a message: right before the word that speaks.
THINGS = _set(
    "product products produkt item items file files fil tax taxes skatt moms method metod "
    "shipping frakt rate coupon "
    "variation variant plugin theme attribute attributes attr category categories cat campaign kampanj "
    "gateway event events domain store shop butik site webshop host field fields falt table brand service "
    "tjanst carrier courier template form layout class zone location locations pickup point points "
    "servicepoint ombud utlamningsstalle bundle component option options addon addons group groups tag "
    "tags term taxonomy currency country countries region state status action hook role type plan list "
    "lists channel source medium utm fee fees discount price package packaging box locker machine terminal "
    "server browser device os language locale font image images icon button menu widget section page post "
    "slug blog network app application integration feed import export job queue task process function key "
    "meta setting settings document invoice faktura model material pattern manufacturer vendor supplier "
    "course kurs warehouse lager depot bank color colour size label etikett sku artikel article vara varu "
    "collection kollektion season sasong serie series pallet scheme schema column row sheet report "
    "audience segment provider partner company foretag order "
    "payment betalning transaction delivery leverans deliverytype program level tier deal offer promotion "
    "return returns seller origin business merchant agency system admin error log debug tooltip title "
    "button checkout cart step module modul block query version hostname printer account_type unit"
)
# The sorts that a thing may have too; a person is a thing's only by such a common word.
OF_THINGS = frozenset({"name", "address", "message", "email", "phone", "link"})
COMMON = _set(
    "profile profiles manager group groups members contact author owner agare holder leader family familj pet"
)
# The place where a parcel is fetched: an agent's, and it says where the buyer is.
PICKUP_POINTS = _set(
    "pickuppoint pickuplocation pickupstore servicepoint servicepunkt utlamningsstall hamtstall parcelshop "
    "paketshop paketbutik paketombud postombud paketbox paketskap paketautomat droppoint droppunkt "
    "utleveringssted hentested pakkeshop pakkeboks parcellocker noutopiste noutopaikka abholort packstation"
)
AGENTS = _set("ombud ombudet ombuds")
ADDRESSED = _set("shipping delivery leverans")
PAPERS = _set("transaction payment invoice faktura document order tracking label receipt checkout")
# Compounds that end as a speaking word does and are none.
NOT_PERSONS = _set(
    "filename hostname domainname basename classname typename codename tablename pathname servername "
    "keyname rolename tagname brandname sitename shopname storename varunamn produktnamn filnamn "
    "domannamn butiksnamn artikelnamn foretagsnamn bolagsnamn placeholder stakeholder folder webaddress "
    "macaddress walletaddress ombudsnamn context pretext alttext helptext hjalptext buttontext knapptext "
    "subtext plaintext fulltext richtext "
    "hypertext "
    "productname itemname methodname taxname ratename couponname "
    "groupname planname eventname fieldname optionname filnavn varenavn produktnavn butikknavn "
    "produktname artikelname dateiname"
)
# At the end of a key these make it about the thing, not the person: `email_sent`, `address_type`.
ABOUT = _set(
    "sent type types status state format count counts total totals enabled disabled required "
    "valid validated verified "
    "verification optional visible hidden shown printed synced sync checked allowed version mode "
    "settings setting "
    "options option class classes template provider providers carrier method date dates time timestamp "
    "expires expiry created updated modified at length max min limit limits size currency country rate "
    "same different consent optin optout subscribed unsubscribed agree accepted terms flag "
    "locale language title titles sort position index weight amount price cost fee tax qty quantity "
    "captured failed error errors attempts retries environment pages page slug visibility source required "
    "display displayed sections section category categories service services color colour theme plugin "
    "customizer group reminder scheduled notification notifications queue stock reduced shortcuts bar color"
)
# Inner names that say a thing whatever stands around them.
THINGS_ALONE = _set(
    "country currency locale language type types status state mode version date dates time "
    "created updated amount "
    "price total subtotal tax taxes qty quantity sku count code unit rate brand method provider carrier "
    "enabled format weight width height depth product variation category class taxable prefix suffix "
    "formatted number padding document bic"
)
FLAGS = _set(
    "yes no true false on off ja nej nei kylla ei null none nil undefined n/a na - -- 0 1 y n j "
    "default standard "
    "auto manual customer guest all any both other unknown male female natural person company private "
    "business personal shipping billing email sms phone home"
)

"""What the office's rule values mean, in words."""

from flask_babel import lazy_gettext as _

from web.words import Words, name

SETTINGS: Words = {
    "archive_case_years": _("Lama kasus yang ditutup disimpan sebelum diarsipkan"),
    "archive_child_age": _("Umur klien anak sampai kasusnya boleh diarsipkan"),
    "closure_goals": _("Bagian tujuan yang harus tercapai agar pendampingan selesai"),
    "closure_lost_months": _("Bulan tanpa bertemu sebelum kasus dinyatakan hilang kontak"),
    "closure_missed_visits": _("Kunjungan tanpa bertemu sebelum kasus dinyatakan hilang kontak"),
    "closure_refusals": _("Penolakan klien sebelum pendampingan diakhiri"),
    "disaster_planning_days": _("Lama perencanaan kebutuhan bencana"),
    "macro_min_dead": _("Korban meninggal yang membuat bencana diusulkan berskala besar"),
    "macro_min_families": _("Keluarga terdampak yang membuat bencana diusulkan berskala besar"),
    "macro_min_villages": _("Desa terdampak yang membuat bencana diusulkan berskala besar"),
    "max_returns": _("Berapa kali rencana boleh dikembalikan"),
    "on_call_max_attempts": _("Petugas piket yang dihubungi sebelum koordinator diberi tahu"),
    "pkh_elder_age": _("Umur lanjut usia menurut PKH"),
    "pkh_max_desil": _("Desil tertinggi untuk PKH"),
    "pkh_max_members": _("Anggota keluarga yang dihitung PKH"),
    "pkh_min_attendance": _("Kehadiran terendah untuk komitmen PKH"),
    "pkh_payments_per_year": _("Penyaluran PKH dalam setahun"),
    "pmks_kat": _("Memakai jenis PPKS ke-26 (komunitas adat terpencil)"),
    "portions_per_person_day": _("Porsi makanan tiap orang sehari"),
    "reminder_share": _("Bagian waktu yang lewat sebelum petugas diingatkan"),
    "rice_kg_per_person_day": _("Beras tiap orang sehari"),
    "route_aladin_bad": _("Bagian rumah (atap, lantai, dinding) yang rusak untuk RTLH"),
    "route_poor_signs": _("Tanda kemiskinan untuk mengusulkan DTSEN"),
    "secret_pmks_codes": _("Jenis PPKS yang dirahasiakan dari petugas lapangan"),
    "shelter_m2_per_person": _("Luas penampungan tiap orang"),
    "test_regions": _("NIK dan KK provinsi contoh 99 diterima (hanya untuk demo)"),
    "water_l_per_person_day": _("Air bersih tiap orang sehari"),
}


UNITS: Words = {
    "bagian": _("bagian"),
    "bulan": _("bulan"),
    "desa": _("desa"),
    "desil": _("desil"),
    "hari": _("hari"),
    "jenis PPKS": _("jenis PPKS"),
    "kali": _("kali"),
    "kg": _("kg"),
    "KK": _("keluarga"),
    "kunjungan": _("kunjungan"),
    "liter": _("liter"),
    "m2": _("m²"),
    "orang": _("orang"),
    "persen": _("persen"),
    "porsi": _("porsi"),
    "tahun": _("tahun"),
    "tanda": _("tanda"),
}
SOURCES: Words = {
    "UU 27/2022 pasal 42-44; tetapkan lamanya menurut JRA kantor": _(
        "UU 27/2022 pasal 42-44; tetapkan lamanya menurut JRA kantor"
    ),
    "Daftar PPKS; jenis ke-26 dapat dimatikan": _("Daftar PPKS; jenis ke-26 dapat dimatikan"),
    "Kerahasiaan HIV/AIDS": _("Kerahasiaan HIV/AIDS"),
    "Ketentuan PKH tahun 2021-2022": _("Ketentuan PKH tahun 2021-2022"),
    "Ketentuan PKH; periksa pedoman tahun berjalan": _("Ketentuan PKH; periksa pedoman tahun berjalan"),
    "Ketentuan desil DTSEN": _("Ketentuan desil DTSEN"),
    "Kriteria RTLH": _("Kriteria RTLH"),
    "Perkiraan awal; sesuaikan dengan aturan kantor": _("Perkiraan awal; sesuaikan dengan aturan kantor"),
    "Standar minimum kebutuhan pascabencana": _("Standar minimum kebutuhan pascabencana"),
}
"""Units and sources as workflows/settings.yaml writes them."""


def setting_name(code: str) -> str:
    """The words for a setting; one that an analyst added stands for itself."""
    return name(SETTINGS, code)


def unit_name(unit: str) -> str:
    """A setting's unit in the reader's language."""
    return name(UNITS, unit)


def source_text(source: str) -> str:
    """Where a setting's value comes from; what the office wrote itself stands as it is."""
    return name(SOURCES, source)

"""Words for the codes that come out of decision tables and are no answer of a form."""

from flask_babel import lazy_gettext as _

from web.case_words import DOCUMENT_KINDS, PATHS, PPKS, RELATIONS
from web.words import ROLES, UNITS, Words

RESULTS: Words = {
    # who decides, and how
    "bupati": _("Bupati"),
    "dicatat": _("dicatat"),
    "approve": _("disetujui"),
    "return": _("dikembalikan"),
    "reject": _("ditolak"),
    "graduated_alamiah": _("lulus dari PKH: tidak lagi memenuhi syarat"),
    "graduated_mandiri": _("lulus dari PKH: mandiri"),
    "graduated_paksa": _("lulus dari PKH: diputuskan kantor"),
    "ended": _("pendampingan selesai"),
    "lisan": _("lisan"),
    "tertulis": _("tertulis"),
    "rujukan": _("rujukan"),
    "rtlh": _("Rumah tidak layak huni (RTLH)"),
    "uep": _("Usaha ekonomi produktif (UEP)"),
    "sk_rtlh": _("SK penerima RTLH"),
    "sk_tanggap_darurat": _("SK Tanggap Darurat"),
    "daftar_uep": _("Daftar penerima UEP"),
    # the first response
    "answer": _("dijawab"),
    "disaster": _("penanganan bencana"),
    "emergency": _("perlindungan darurat"),
    "normal": _("penanganan biasa"),
    "EMERGENCY": _("Perlindungan darurat"),
    "COUNSELLING": _("bimbingan oleh TKSK"),
    # the end of a case
    "continue": _("pendampingan dilanjutkan"),
    "close_died": _("ditutup: klien meninggal"),
    "close_lost": _("ditutup: hilang kontak"),
    "close_refused": _("ditutup: klien menolak layanan"),
    "close_success": _("ditutup: tujuan tercapai"),
    "close_transferred": _("ditutup: dipegang lembaga lain"),
    # reasons
    "banyak_kode": _("lebih dari satu jenis terbatas"),
    "diminta": _("diminta asesor"),
    "penempatan_anak": _("penempatan anak"),
    "bidang": _("bidang masalahnya"),
    "kekerasan": _("kekerasan"),
    "kode": _("jenis PPKS"),
    "tidak": _("Tidak"),
    # who sees what
    "aggregate": _("angka gabungan"),
    "full": _("lengkap"),
    "none": _("tidak ada"),
    "pseudonymous": _("tanpa nama"),
    # PKH
    "ok": _("terpenuhi"),
    "warn": _("peringatan"),
    "suspend_propose": _("usul penangguhan"),
    "graduation_review": _("tinjauan graduasi"),
    "AUD": _("anak usia dini"),
    "BUMIL": _("ibu hamil atau nifas"),
    "DISABILITAS": _("disabilitas berat"),
    "LANSIA": _("lanjut usia"),
    "SD": _("anak SD"),
    "SMP": _("anak SMP"),
    "SMA": _("anak SMA"),
    "dihitung": _("dihitung"),
    "anggota_sudah_dihitung": _("anggota ini sudah dihitung"),
    "batas_anggota": _("batas anggota tercapai"),
    "batas_komponen": _("batas komponen tercapai"),
    "layak": _("layak"),
    "desil": _("desil di atas batas"),
    "perbaiki_data": _("data perlu diperbaiki"),
    "sudah_kpm": _("sudah menerima PKH"),
    "tanpa_komponen": _("tanpa komponen PKH"),
    "usulkan_dtsen": _("diusulkan ke DTSEN"),
    "usulkan_pkh": _("diusulkan ke PKH"),
    "usulan": _("usulan"),
    "pendampingan": _("pendampingan"),
    "jalur_lain": _("jalur lain"),
    # disasters
    "micro": _("kecil"),
    "macro": _("besar"),
    "macro_proposed": _("besar, SK diusulkan"),
    "portions": _("porsi makanan"),
    "rice_kg": _("beras"),
    "shelter_m2": _("tempat penampungan"),
    "water_l": _("air bersih"),
    # documents that only the table names
    "empat_foto": _("empat foto"),
    "laporan_kejadian": _("laporan kejadian"),
    "layanan_diberikan": _("layanan yang sudah diberikan"),
    "pakta_integritas": _("pakta integritas"),
    "permohonan": _("permohonan"),
    "pernyataan": _("surat pernyataan"),
    "proposal": _("proposal"),
    "risalah_konferensi": _("risalah konferensi kasus"),
    "sk_kades": _("SK kepala desa"),
    "surat_tanah": _("surat tanah"),
    # people of a household as the tables count them
    "sd": _("SD/MI"),
    "smp": _("SMP/MTs"),
    "sma": _("SMA/MA"),
}


def code_text(code: str) -> str:
    """The words for a code; nothing for one that is not known."""
    role, _colon, unit = code.partition(":")
    if role in ROLES and unit in UNITS:
        return f"{ROLES[role]}, {UNITS[unit]}"
    for words in (RESULTS, DOCUMENT_KINDS, PATHS, PPKS, RELATIONS, ROLES, UNITS):
        if code in words:
            return str(words[code])
    return ""

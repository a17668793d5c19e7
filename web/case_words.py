"""The field's words on case pages: referrals, household, documents, categories, reasons of access, events."""

from flask_babel import lazy_gettext as _

from web.words import Words

PPKS: Words = {
    "01": _("Anak balita terlantar"),
    "02": _("Anak terlantar"),
    "03": _("Anak yang berhadapan dengan hukum"),
    "04": _("Anak jalanan"),
    "05": _("Anak dengan kedisabilitasan"),
    "06": _("Anak korban tindak kekerasan"),
    "07": _("Anak yang memerlukan perlindungan khusus"),
    "08": _("Lanjut usia terlantar"),
    "09": _("Penyandang disabilitas"),
    "10": _("Tuna susila"),
    "11": _("Gelandangan"),
    "12": _("Pengemis"),
    "13": _("Pemulung"),
    "14": _("Kelompok minoritas"),
    "15": _("Bekas warga binaan lembaga pemasyarakatan"),
    "16": _("Orang dengan HIV/AIDS"),
    "17": _("Korban penyalahgunaan NAPZA"),
    "18": _("Korban perdagangan orang"),
    "19": _("Korban tindak kekerasan"),
    "20": _("Pekerja migran bermasalah sosial"),
    "21": _("Korban bencana alam"),
    "22": _("Korban bencana sosial"),
    "23": _("Perempuan rawan sosial ekonomi"),
    "24": _("Fakir miskin"),
    "25": _("Keluarga bermasalah sosial psikologis"),
    "26": _("Komunitas adat terpencil"),
}
"""The 26 kinds of PPKS (Permensos 8/2012)."""

REFERRAL_STATUS: Words = {
    "draft": _("Disiapkan"),
    "requested": _("Menunggu jawaban"),
    "accepted": _("Diterima"),
    "rejected": _("Ditolak lembaga"),
    "in-progress": _("Layanan berjalan"),
    "on-hold": _("Ditahan"),
    "completed": _("Selesai"),
    "cancelled": _("Dibatalkan"),
    "failed": _("Tidak berhasil"),
    "entered-in-error": _("Salah catat"),
}
REFERRAL_TONES = {
    "requested": "amber",
    "accepted": "brand",
    "in-progress": "brand",
    "completed": "green",
    "rejected": "red",
    "failed": "red",
}

DECISIONS: Words = {
    "approve": _("Disetujui"),
    "return": _("Dikembalikan"),
    "reject": _("Ditolak"),
    "sign": _("Ditandatangani"),
}
DECISION_TONES = {"approve": "green", "sign": "green", "return": "amber", "reject": "red"}

PATHS: Words = {
    "PKH": _("Program Keluarga Harapan (PKH)"),
    "REHAB": _("Rehabilitasi sosial"),
    "TAGANA": _("Tanggap bencana (Tagana)"),
    "UEP": _("Usaha ekonomi produktif (UEP)"),
    "RTLH": _("Rumah tidak layak huni (RTLH)"),
    "PARTNER": _("Mitra (PSKS, CSR, Baznas)"),
    "USULAN": _("Usulan DTSEN"),
}

RELATIONS: Words = {
    "client": _("klien"),
    "head": _("kepala keluarga"),
    "kepala_keluarga": _("kepala keluarga"),
    "spouse": _("suami atau istri"),
    "husband": _("suami"),
    "wife": _("istri"),
    "suami": _("suami"),
    "istri": _("istri"),
    "child": _("anak"),
    "anak": _("anak"),
    "parent": _("orang tua"),
    "orang_tua": _("orang tua"),
    "mertua": _("mertua"),
    "sibling": _("saudara"),
    "saudara": _("saudara"),
    "cucu": _("cucu"),
    "other": _("lainnya"),
    "lainnya": _("lainnya"),
}

DOCUMENT_KINDS: Words = {
    "ktp_kk": _("KTP atau KK"),
    "persetujuan": _("Persetujuan klien"),
    "sktm": _("SKTM"),
    "foto": _("Foto"),
    "laporan_sosial": _("Laporan sosial"),
    "surat_pengantar": _("Surat pengantar"),
    "surat_desa": _("Surat keterangan desa"),
    "surat_sehat": _("Surat keterangan sehat"),
    "surat_tenang": _("Surat keterangan tenang"),
    "surat_polisi": _("Surat polisi"),
    "akta_wali": _("Akta perwalian"),
    "bpjs": _("Kartu BPJS"),
    "kronologi": _("Kronologi"),
    "hasil_asesmen": _("Hasil asesmen"),
    "berita_acara": _("Berita acara"),
    "other": _("Dokumen lain"),
}
"""Codes of the table of documents (D9); a file sent with a form carries the field's key instead."""

EVENTS: Words = {
    "new_danger": _("Ada bahaya baru"),
    "client_moved": _("Klien pindah tempat tinggal"),
    "consent_withdrawn": _("Klien menarik persetujuan"),
    "client_died": _("Klien meninggal"),
}
EVENT_NOTES: Words = {
    "new_danger": _("Perlindungan darurat dimulai di samping penanganan yang berjalan."),
    "client_moved": _("Kasus disiapkan untuk dialihkan ke kecamatan yang baru."),
    "consent_withdrawn": _("Pemakaian data dihentikan dalam 3 × 24 jam; kasus berhenti di tahap ini."),
    "client_died": _("Layanan dihentikan dengan hormat dan kasus ditutup setelah dicatat."),
}

ACCESS_REASONS: Words = {
    "claimed": _("mengambil tugas"),
    "assigned": _("diserahi tugas"),
    "worked": _("mengerjakan tugas"),
    "registered": _("mencatat kasus"),
    "granted": _("ditunjuk atasan"),
    "break_glass": _("keadaan darurat"),
}

FOUND_BY: Words = {
    "nik": _("NIK sama"),
    "name": _("nama mirip"),
    "birth_date": _("tanggal lahir sama"),
    "address": _("alamat mirip"),
}
"""Why a person was found."""

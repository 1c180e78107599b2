// Words of the dialog in which files are made: the report, the map book, all figures.

const ZH = {
  share_report: "单页报告……",
  share_book: "地图册（PDF）……",
  share_figures: "全部数字（Excel）……",
  reports: "制作文件",
  reports_title: "制作文件",
  reports_kind: "文件",
  reports_kinds: { report: "单页报告", book: "地图册", figures: "全部数字" },
  reports_about: {
    report: "一个网页文件：两级网格、全部指标、可选月份，断网也能打开。",
    book: "PDF，横向：全境一页，每个社区一页，含数字与负责人。",
    figures: "两级网格的全部数字，附数据字典。",
  },
  reports_month: "月份",
  reports_months: "包含月数",
  reports_language: "语言",
  languages: { zh: "中文", en: "English" },
  reports_paper: "纸张",
  reports_format: "格式",
  reports_make: "开始制作",
  reports_list: "制作中与可下载的文件",
  reports_none: "目前没有文件。",
  reports_keep: "下载",
  reports_stop: "停止",
  reports_forget: "删除",
  reports_size: (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1000))} KB` : `${(bytes / 1e6).toFixed(1)} MB`),
  reports_kept: (name) => `已下载 ${name}`,
  reports_failed: (why) => `文件未能完成：${why}`,
};

/** @type {typeof ZH} */
const EN = {
  share_report: "One-file report …",
  share_book: "Map book (PDF) …",
  share_figures: "All figures (Excel) …",
  reports: "Make a file",
  reports_title: "Make a file",
  reports_kind: "File",
  reports_kinds: { report: "One-file report", book: "Map book", figures: "All figures" },
  reports_about: {
    report: "One page with both levels, every measure and its months; it opens without a network.",
    book: "PDF, landscape: a page of the whole, then one a community with figures and who answers.",
    figures: "Every figure of both levels, with a data dictionary.",
  },
  reports_month: "Month",
  reports_months: "Months in it",
  reports_language: "Language",
  languages: { zh: "中文", en: "English" },
  reports_paper: "Paper",
  reports_format: "Format",
  reports_make: "Make it",
  reports_list: "Files being made or ready",
  reports_none: "There are no files now.",
  reports_keep: "Download",
  reports_stop: "Stop",
  reports_forget: "Delete",
  reports_size: (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1e6).toFixed(1)} MB`),
  reports_kept: (name) => `${name} is downloaded.`,
  reports_failed: (why) => `The file could not be made: ${why}`,
};

export const REPORT_WORDS = { zh: ZH, en: EN };

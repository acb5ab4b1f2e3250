/**
 * The words of which demo bills are made: frequent Korean names, and the lines of a telephone bill.
 */

export interface Spelling {
  readonly hangul: string;
  readonly latin: string;
}

const spellings = (text: string): readonly Spelling[] =>
  text.split(" ").map((pair) => {
    const [hangul = "", latin = ""] = pair.split("/");
    return { hangul, latin };
  });

export const FAMILY_NAMES = spellings(
  "김/kim 이/lee 박/park 최/choi 정/jung 강/kang 조/cho 윤/yoon 장/jang 임/lim 한/han 오/oh 서/seo 신/shin 권/kwon 황/hwang 안/ahn 송/song 류/ryu 홍/hong 남궁/namgung 선우/sunwoo",
);

export const GIVEN_NAMES = spellings(
  "민준/minjun 서연/seoyeon 도윤/doyun 지우/jiwoo 서준/seojun 하은/haeun 예준/yejun 서윤/seoyun 시우/siwoo 민서/minseo 주원/juwon 지유/jiyu 지호/jiho 수아/sua 준서/junseo 다은/daeun 현우/hyunwoo 채원/chaewon 건우/gunwoo 지민/jimin 영숙/youngsook 정호/jungho 미경/mikyung 성민/sungmin 은정/eunjung 길동/gildong 솔/sol 훈/hoon",
);

export const GRADES = ["VIP", "GOLD", "SILVER", null, null, null] as const;

export interface DemoItem {
  readonly label: string;
  /** In won, from … to …, in steps of ten. */
  readonly from: number;
  readonly to: number;
}

/** On every bill, and first. */
export const PLAN: DemoItem = { label: "기본료 5G 요금제", from: 45_000, to: 109_000 };

export const EXTRAS: readonly DemoItem[] = [
  { label: "데이터 추가 사용료", from: 1_100, to: 33_000 },
  { label: "국내 음성 통화료", from: 500, to: 12_000 },
  { label: "국제 통화료", from: 1_200, to: 25_000 },
  { label: "로밍 이용료", from: 3_300, to: 44_000 },
  { label: "문자 메시지 이용료", from: 220, to: 5_000 },
  { label: "부가서비스 이용료", from: 1_100, to: 9_900 },
  { label: "소액결제 이용 금액", from: 2_000, to: 50_000 },
  { label: "콘텐츠 이용료", from: 1_500, to: 19_800 },
  { label: "단말기 할부금", from: 10_000, to: 52_000 },
  { label: "단말기 보험료", from: 2_500, to: 8_900 },
  { label: "요금 할인", from: -20_000, to: -1_000 },
  { label: "가족 결합 할인", from: -11_000, to: -1_100 },
  { label: "전월 미납액", from: 5_000, to: 30_000 },
];

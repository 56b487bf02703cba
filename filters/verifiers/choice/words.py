"""Lists the words by which a choice is stated, supposed, denied or hedged, in 22 languages.

The languages are en zh ja ko fr es pt it de nl ru ar hi bn th sw te vi id pl tr el. Case does not matter, and `_`
stands for a space inside an entry.
"""


def words(listed: str) -> frozenset[str]:
    return frozenset(word.replace("_", " ").casefold() for word in listed.split())


ANSWER = words(
    """answer answers mine verdict ans correction 答案 答え 答 解答 回答 正解 正答 정답 답 답변 réponse
    réponses reponse respuesta respuestas resposta respostas gabarito risposta risposte antwort antworten
    antwoord antwoorden ответ ответы ответом إجابة الإجابة الاجابة جواب الجواب उत्तर जवाब উত্তর উত্তরঃ উত্তরটি জবাব
    คำตอบ jibu majibu jawabu సమాధానం జవాబు đáp_án câu_trả_lời jawaban jawabannya odpowiedź odpowiedź_to
    odpowiedzi odpowiedzią cevap cevabı cevabımız cevaptır yanıt yanıtı απάντηση απαντήσεις"""
)
"""Nouns that announce an answer."""
BARE_COPULA = words(
    """答案 答 정답 답 ответ الجواب الإجابة उत्तर जवाब উত্তর উত্তরঃ উত্তরটি คำตอบ jibu సమాధానం జవాబు cevap cevabı yanıt
    yanıtı odpowiedź_to вариант विकल्प বিকল্প ตัวเลือก ตอบ"""
)
"""Nouns of languages that may leave out "is". In other languages "the answer A" only mentions a letter."""
OPTION = words(
    """option options choice choices letter alternative 选项 選項 项 項 選択肢 선택지 보기 번 choix
    proposition lettre opción opciones opcion alternativa letra inciso literal opção opções opzione opzioni
    lettera möglichkeit antwortmöglichkeit buchstabe optie opties keuze вариант варианты вариантом буква
    пункт الخيار خيار الاختيار الحرف विकल्प বিকল্প অপশন ตัวเลือก ข้อ chaguo ఎంపిక ఆప్షన్ lựa_chọn phương_án câu
    বিকল্পটি pilihan opsi opcja opcje wariant seçenek seçeneği seçeneğidir şık şıkkı şıkkıdır επιλογή επιλογές"""
)
"""Nouns that a letter names. They announce it too if an adjective of RIGHT is beside them, as do those of THING."""
THING = words("statement statements one ones item assertion expression 것")
RIGHT = words(
    """correct right best final appropriate proper accurate suitable 正确 正確 对 對 最佳 最终 最終 最终的
    正しい 適切 適切な 最も 最終的な 옳은 옳다 옳습니다 올바른 맞는 맞습니다 맞다 최종 정확한 적절한 정답
    正解 correcte correctes correcta correctas correcto correctos bonne bon bonnes juste exacte exact finale
    meilleure mejor adecuada acertada correta corretas correto certa certo melhor adequada corretta corrette
    corretto giusta giusto esatta migliore richtig richtige richtigen richtiger korrekt korrekte korrekten
    beste endgültige juist juiste goede goed definitieve правильный правильные правильным правильно
    правильная верный верным верно верна верен окончательный الصحيح الصحيحة صحيح صحيحة النهائي النهائية सही
    अंतिम সঠিক চূড়ান্ত ถูกต้อง ที่ถูกต้อง ที่ถูก สุดท้าย sahihi సరైన సరైనది తుది đúng chính_xác cuối_cùng benar tepat akhir
    poprawna poprawne poprawną prawidłowa prawidłowe prawidłową właściwa ostateczna doğru nihai doğrudur
    σωστή σωστό σωστές ορθή τελική"""
)
WRONG = words(
    """wrong incorrect false invalid impossible 错 错误 錯誤 错的 間違い 誤り 不正解 不适合 오답 틀린
    틀립니다 틀렸습니다 fausse faux incorrecte incorrecta incorrecto falsa equivocada incorreta incorreto
    errada sbagliata errata falsch fout onjuist verkeerd неверный неверно неверна неправильный неправильно
    неправильная خطأ خاطئة خاطئ गलत ভুল ผิด makosa తప్పు sai salah błędna błędne nieprawidłowa niepoprawna
    yanlış yanlıştır λάθος λανθασμένη"""
)
IS = words(
    """is are be being would will should must has remains becomes equals est sont serait c'est es son sería
    será é são seria è sono sarebbe ist sind lautet lauten wäre zijn luidt это является 是 为 為 就是 应该是
    应为 应是 应该 应 選ぶ は が も 은 는 이 가 هي هو हैं है होगा হল হলো হচ্ছে হবে คือ เป็น ni là adalah ialah
    jest są είναι"""
)
AFTER = words(
    """です である だ となります になります でしょう 입니다 이다 이에요 예요 이며 है हैं होगा হবে হয় ครับ ค่ะ
    అవుతుంది 号 番 的 也 都 dir dır dur dür tir tır olur olacaktır"""
)
"""Words that may follow a letter and add nothing."""
NOT = words(
    """not isn't aren't wasn't cannot can't never neither nor no n' 不 非 并非 不是 不选 不能 没有 pas n'est
    non né não nem nicht kein keine weder niet geen не ни ليس ليست لا غير ไม่ ไม่ใช่ si sio siyo không
    không_phải bukan tidak nie ani δεν όχι"""
)
NOT_AFTER = words(
    """ではな ではあり じゃな でな でない 아니 아닙니다 아니라 아닌 नहीं নয় না కాదు değil değildir 不对 不對
    不正确 不正確 不是"""
)
"""Words that deny what stands before them."""
OR = words(
    """or either between versus vs o oppure ou oder entweder soit либо или of 或 或者 还是 還是 または
    もしくは あるいは か 또는 혹은 이나 나 أو او या अथवा বা অথবা หรือ au లేదా hoặc hay atau lub albo veya ya_da
    ή είτε /"""
)
AND = words(
    """and plus both & y e et und sowie en и 和 与 與 及 以及 跟 と および 와 과 및 그리고 و और तथा এবং ও
    และ na మరియు và dan i oraz ed ve και , ; 、 ،"""
)
UNSURE = words(
    """could might may maybe perhaps possibly can seems peut-être quizás quizá tal_vez talvez forse
    vielleicht misschien возможно 可能 可能是 也许 或许 多分 おそらく 아마 ربما शायद হয়তো อาจ labda có_thể
    có_lẽ mungkin może belki ίσως 일_수"""
)
FILL = words(
    """the a an el la le les los las lo il gli l' d' c' qu' dell' der die das den ein eine een het o os as
    um uma un une ο η το οι τα ال therefore thus hence then so indeed clearly definitely certainly simply
    just obviously actually really surely likely probably most only also still now to by being following
    given that this my our here above in_fact as_follows por_lo_tanto por_tanto par_conséquent donc alors
    ainsi entonces pues así lógicamente portanto então logo quindi dunque allora daher somit folglich dus
    daarom поэтому значит итак именно следовательно 因此 所以 故 应当 本题 综上 最后 应选 的 の 那么
    したがって よって 따라서 그러므로 إذن لذلك इसलिए अतः তাই সুতরাং ดังนั้น จึง kwa_hiyo hivyo కాబట్టి vậy do_đó
    jadi maka yang więc zatem dlatego dolayısıyla bu_nedenle άρα επομένως"""
)
"""Words that may stand between "answer" and the letter, or before a bare letter."""
CHOOSE = words(
    """choose pick select go_with going_with opt_for elijo escojo selecciono choisis choisissons wähle
    wählen escolho scelgo kies выбираю выбираем 选 選 选择 選擇 故选 应选 本题选 أختار chọn pilih memilih
    wybieram เลือก ตอบ επιλέγω"""
)
CHOSEN = words("を選びます を選ぶ を選択 を選択します を選択する 를_선택 을_선택 선택합니다 seçiyorum")
"""Verbs that follow the letter."""
BECAUSE = words(
    """because since as given for due by from according but so where when while whereas with in on which and
    thus hence therefore based considering among rather instead explanation reason reasoning rationale
    porque ya pues debido que puesto dado pois já car parce puisque comme weil da denn perché poiché omdat
    want aangezien потому так поскольку 因为 因為 由于 所以 理由 解析 解释 なぜなら 理由は 왜냐하면 لأن
    क्योंकि कारण কারণ เพราะ เนื่องจาก kwa_sababu kwani ఎందుకంటే vì bởi_vì karena sebab ponieważ gdyż bo çünkü
    γιατί επειδή διότι"""
)
"""Words that may follow a stated letter without a comma."""
SUPPOSED = words(
    """if suppose supposing assume assuming assumption whether unless imagine doubt glance initially says
    said claims claimed thinks thought believes believed argue tempting tempted mistake mistakenly why how
    si supongamos supposons falls wenn ob angenommen als indien se caso если предположим ли 如果 若 假设
    假如 要是 为什么 もし 仮に 만약 만일 إذا لو यदि अगर যদি ถ้า หาก ikiwa kama ఒకవేళ nếu jika kalau apabila
    jeśli gdyby czy eğer αν εάν"""
)
"""In the clause before a statement these words show that it is only supposed, or is someone else's."""
IF = words(
    """if suppose supposing assuming unless wenn falls indien если 如果 若 假设 假如 もし 만약 إذا لو यदि
    अगर যদি ถ้า หาก ikiwa nếu jika kalau apabila jeśli eğer αν εάν"""
)
"""Those words of SUPPOSED that cover the whole sentence that follows, up to "therefore"."""
OTHERS = words(
    """expected given reference previous other another your his her their its initial original alleged
    possible common popular typical naive intuitive obvious plausible alternative partial intended official
    student's model's user's teacher's first second neither any no every each"""
)
"""Right before "answer" these words show that it is not the writer's own."""
CORRECTION = words(
    """wait actually correction sorry oops reconsider reconsidering rather 等等 不对 其实 更正 待って いや
    잠깐 espera attends moment"""
)
PREPOSITION = words("to for of a à al alla auf zu op voor на к से แก่ của untuk na için στην")
BREAK = words(
    """so therefore thus hence then but and because since which donc alors entonces então quindi dunque also
    daher somit folglich dus поэтому значит 所以 因此 因为 故 但 但是 而 而且 したがって よって 따라서
    그러므로 لذلك इसलिए তাই ดังนั้น vậy jadi więc dolayısıyla άρα"""
)
"""Words that begin a clause."""
CONCLUSION = words(
    """so therefore thus hence donc alors entonces portanto logo quindi dunque also daher somit folglich dus
    поэтому 所以 因此 故 综上 故选"""
)
DOUBT = words("might could may")
AFTER_RIGHT = words(
    """because since as given so but where while whereas considering based according due porque ya car weil
    da omdat потому perché 因为"""
)
"""Words that may follow "B is correct" at once; "to", "about", "that" and "only" may not."""
PARTICLES = words("的 の")
LISTS = words("choices options opciones opções opzioni optionen 选项")
FIRST_PERSON = words("i am i'm let's we i'd i'll we'd we'll would will should must")
ENGLISH_CHOOSE = words("choose pick select go_with going_with opt_for")
"""Those words of CHOOSE that need a first person before them."""
MINE = words("my our the final")

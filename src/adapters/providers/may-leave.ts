/**
 * The last question before a request leaves. Where asking throws, the answer is no: nothing may leave that nobody allowed,
 * and a sender answers every request, whatever is wrong around it.
 */
export const allowsToLeave = (mayStillLeave: () => boolean): boolean => {
  try {
    return mayStillLeave();
  } catch {
    return false;
  }
};
